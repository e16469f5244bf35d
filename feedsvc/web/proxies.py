"""X-Forwarded-* is believed only from proxies that the settings name; never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.middleware.proxy_fix import ProxyFix

from feedsvc.errors import SettingsError

Network = IPv4Network | IPv6Network


def trusted_networks(entries: Sequence[str]) -> list[Network]:
    """The networks that server.trusted_proxies names; SettingsError for anything else."""
    try:
        return [ip_network(entry, strict=False) for entry in entries]
    except ValueError as error:
        raise SettingsError(f"server.trusted_proxies: {error}") from None


def client_address(environ: WSGIEnvironment, trusted: Sequence[Network]) -> str:
    """Whom a request is counted for: the client, behind a trusted proxy its client; of IPv6 a customer's whole /64."""
    peer: str = environ.get("REMOTE_ADDR", "")
    forwarded: str = environ.get("HTTP_X_FORWARDED_FOR", "") if trusted else ""
    if not forwarded and ":" not in peer:
        return peer  # IPv4 as the socket has it; "" of a Unix socket
    nearest = forwarded.rpartition(",")[2].strip()
    try:
        if nearest and any(ip_address(peer) in network for network in trusted):
            peer = nearest
        address = ip_address(peer)
    except ValueError:
        return peer
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or address.packed[:8].hex())
    return str(address)


class TrustedProxies:
    """Passes requests of trusted peers through ProxyFix (address and scheme; never host or prefix)."""

    def __init__(self, app: WSGIApplication, trusted: Sequence[str]) -> None:
        """trusted: addresses or networks, e.g. "127.0.0.1", "10.0.0.0/8". Raises SettingsError for anything else."""
        self._app = app
        self._fixed = ProxyFix(app, x_for=1, x_proto=1, x_host=0, x_port=0, x_prefix=0)
        self._networks = trusted_networks(trusted)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        app = self._fixed if self._is_trusted(environ.get("REMOTE_ADDR", "")) else self._app
        return app(environ, start_response)

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:  # a Unix socket has no address
            return False
        return any(address in network for network in self._networks)

"""`feedsvc serve` (everything on one machine), and its two halves: `feedsvc web` and `feedsvc publisher`."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from feedsvc.articles.category import SITE
from feedsvc.bootstrap import authority, now, open_store, operator_token, roots, rules
from feedsvc.cli.lifeline import Lifeline
from feedsvc.cli.publish import run_publisher
from feedsvc.cli.schedules import triggers_of
from feedsvc.cli.settings_options import loaded
from feedsvc.cli.stopping import StopSignal
from feedsvc.errors import SettingsError
from feedsvc.feeds.address import feed_path
from feedsvc.settings import Settings
from feedsvc.web.proxies import trusted_networks

WEB = ("-m", "gunicorn", "-c", "python:feedsvc.cli.gunicorn_config", "feedsvc.cli.application:application()")
PUBLISHER = ("-m", "feedsvc.cli.publish")
DRAIN_SECONDS = 15.0  # a little more than gunicorn's graceful_timeout


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--workers", type=int, help="Web worker processes.")
@click.pass_context
def serve(context: click.Context, path: Path | None, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve and publish on this machine, until interrupted.

    PATH is the content folder, instead of content.roots: a Jekyll site or any folder of posts.
    """
    settings = loaded(context, path, **_server(host, port, workers)).settings
    _complain_early(settings)
    _complain_of_publishing(settings)
    token = operator_token(settings.data_dir)
    stop = StopSignal()
    lifeline = Lifeline()
    web = lifeline.start(WEB)
    keeper = Keeper(lifeline)
    keeper.start()
    threading.Thread(target=_welcome, args=(settings, token, stop), daemon=True).start()
    while not stop.is_set() and web.poll() is None:
        keeper.look()
        stop.wait(0.2)
    failed = not stop.is_set()
    keeper.stop()
    _end(web)
    context.exit(1 if failed else 0)


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--workers", type=int, help="Web worker processes.")
@click.pass_context
def web(context: click.Context, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve what is published; another process or machine publishes."""
    settings = loaded(context, None, **_server(host, port, workers)).settings
    _complain_early(settings)
    operator_token(settings.data_dir)
    os.execv(sys.executable, [sys.executable, *WEB])


@click.command()
@click.pass_context
def publisher(context: click.Context) -> None:
    """Publish, if no other publisher leads; otherwise stand by."""
    settings = loaded(context).settings
    _complain_of_publishing(settings)
    run_publisher(settings)


class Keeper:
    """Keeps one publisher process running: a crash costs a pause that doubles while crashes go on."""

    FIRST_PAUSE, LONGEST_PAUSE, QUIET = 0.5, 30.0, 60.0  # seconds

    def __init__(self, lifeline: Lifeline) -> None:
        self._lifeline = lifeline
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = self.FIRST_PAUSE
        self._started = 0.0
        self._again_at = 0.0

    def start(self) -> None:
        self._process = self._lifeline.start(PUBLISHER)
        self._started = time.monotonic()

    def look(self) -> None:
        """Start it again, when it has ended and the pause is over."""
        moment = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            if moment - self._started > self.QUIET:
                self._pause = self.FIRST_PAUSE
            code = self._process.returncode
            click.echo(f"feedsvc: the publisher ended ({code}); starting it again in {self._pause:g} s", err=True)
            self._process, self._again_at = None, moment + self._pause
            self._pause = min(2 * self._pause, self.LONGEST_PAUSE)
        elif self._process is None and moment >= self._again_at:
            self.start()

    def stop(self) -> None:
        if self._process is not None:
            _end(self._process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, time to finish, and only then force."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(DRAIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _complain_early(settings: Settings) -> None:
    """What is wrong with settings, database or port belongs here, once, as a sentence, and not into a child's log."""
    trusted_networks(settings.server.trusted_proxies)
    open_store(settings).close()
    server = settings.server
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((server.host, server.port))
        except OSError as error:
            place = f"{server.host}, port {server.port}"
            raise SettingsError(f"Cannot listen on {place}: {error.strerror} (settings server.host, .port).") from None


def _complain_of_publishing(settings: Settings) -> None:
    """The same for what only the publisher uses: not when it leads at last, but at once."""
    triggers_of(settings)
    roots(settings)
    rules(settings, authority(settings, None))


def _server(host: str | None, port: int | None, workers: int | None) -> dict[str, Any]:
    return {"server__host": host, "server__port": port, "server__workers": workers}


def _welcome(settings: Settings, token: Path, stop: StopSignal) -> None:
    """Say where to look, once there is something to see."""
    base = settings.server.local_address
    ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # http_proxy is for other machines
    while not stop.wait(0.2):
        with contextlib.suppress(urllib.error.URLError, OSError), ask(f"{base}/readyz", timeout=2):
            break
    else:
        return
    store = open_store(settings)
    try:
        with store.reading() as reader:
            newest = reader.headlines(SITE, 1, now())
            codes = reader.code_of([headline.id for headline in newest])
            latest = [c for c in reader.categories(now()) if c.slug != SITE and c.count]
    finally:
        store.close()
    public = settings.public_base
    lines = [f"  directory     {public}/", f"  all news      {public}{feed_path(SITE)}.atom"]
    if latest:
        best = max(latest, key=lambda category: category.count)
        lines.append(f"  one feed      {public}{feed_path(best.slug)}.rss")
    lines += [f"  share link    {public}/s/{quote(code)}" for code in codes.values()]
    if not newest:
        folders = ", ".join(str(root.path) for root in settings.content.roots)
        lines.append(f"  note          no posts found in {folders} yet")
    lines.append(f"  operator      token in {token}")
    if not settings.public_url and settings.server.host in ("0.0.0.0", "::"):
        lines.append(f"  note          feeds name {public}; set FEEDSVC_PUBLIC_URL to where readers reach this server")
    click.echo("feedsvc is serving:\n" + "\n".join(lines), err=True)

"""A small load generator: keep-alive connections, each asking again as soon as it has its answer.

    python -m benchmarks.load HOST PORT SECONDS CONNECTIONS < request

Prints how many answers came. All answers must have the first one's status line and length.
"""

from __future__ import annotations

import re
import selectors
import socket
import sys
import time


def first_answer(host: str, port: int, request: bytes) -> bytes:
    """One whole answer, headers and body."""
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += _more(connection)
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        bodiless = head.split(b" ", 2)[1] in (b"304", b"204") or request.startswith(b"HEAD ")
        while length and not bodiless and len(body) < int(length[1]):
            body += _more(connection)
        return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    got = connection.recv(262_144)
    if not got:
        raise RuntimeError("the server closed the connection in the middle of an answer")
    return got


def load(host: str, port: int, request: bytes, seconds: float, connections: int) -> tuple[int, float]:
    """(whole answers, seconds they took). One thread; meant to be pinned to a core of its own."""
    expected = first_answer(host, port, request)
    status, length = expected[:12], len(expected)
    selector = selectors.DefaultSelector()
    left: dict[int, int] = {}
    sockets = [socket.create_connection((host, port), timeout=10) for _ in range(connections)]
    for connection in sockets:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        left[connection.fileno()] = length
        selector.register(connection, selectors.EVENT_READ, connection)
        connection.sendall(request)
    answered, started = 0, time.perf_counter()
    end = started + seconds
    while (now := time.perf_counter()) < end:
        for key, _ in selector.select(1.0):
            connection = key.data
            got = _more(connection)
            if left[key.fd] == length and not got.startswith(status):
                raise RuntimeError(f"another answer: {got[:60]!r}")
            left[key.fd] -= len(got)
            if left[key.fd] < 0:
                raise RuntimeError("a longer answer than the first")
            if left[key.fd] == 0:
                answered += 1
                left[key.fd] = length
                connection.sendall(request)
    for connection in sockets:
        connection.close()
    return answered, now - started


if __name__ == "__main__":
    answers, took = load(sys.argv[1], int(sys.argv[2]), sys.stdin.buffer.read(), float(sys.argv[3]), int(sys.argv[4]))
    print(f"{answers} requests in {took:.3f}s")

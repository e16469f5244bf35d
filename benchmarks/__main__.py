"""One table of ratios against named peers, all measured in this run on this machine.

python -m benchmarks [build] [publish] [made] [search] [serve] [--posts N] [--full]
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import bench_build, bench_made, bench_publish, bench_search, bench_serve
from benchmarks.measure import Row


def number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(rows: list[Row]) -> str:
    """Aligned columns; the ratio is ours / peer."""
    cells = [("", "what", "feedsvc", "", "peer", "", "ratio", "goal")]
    for row in rows:
        ours, peer, ratio = number(row.ours), number(row.peer), number(row.ratio)
        cells.append((row.bench, row.what, ours, row.unit, peer, row.peer_name, ratio, row.goal))
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    right = {2, 4, 6}
    lines = (
        "  ".join(
            text.rjust(width) if at in right else text.ljust(width)
            for at, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure feedsvc against named peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="build, publish, made, search, serve; all if none")
    parser.add_argument("--posts", type=int, default=10_000, help="posts for all but serve (10000)")
    parser.add_argument(
        "--full",
        action="store_true",
        help="100,000 posts, one build each, longer rounds",
    )
    given = parser.parse_args()
    posts = 100_000 if given.full else given.posts
    benches: dict[str, Callable[[Path], list[Row]]] = {
        "build": lambda work: bench_build.bench(work, posts, rounds=1 if given.full else 3),
        "publish": lambda work: bench_publish.bench(work, posts, drops=200 if given.full else 60),
        "made": lambda work: bench_made.bench(work, posts),
        "search": lambda work: bench_search.bench(work, posts),
        "serve": lambda work: bench_serve.bench(work, seconds=4 if given.full else 2, rounds=5 if given.full else 3),
    }
    if unknown := set(given.names) - set(benches):
        parser.error(f"there is no benchmark named {', '.join(sorted(unknown))}")
    rows: list[Row] = []
    started = time.monotonic()
    for name in given.names or benches:
        print(f"{name} …", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix=f"feedsvc-bench-{name}-") as folder:
            rows += benches[name](Path(folder))
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {platform.system()}")
    print(f"{time.monotonic() - started:.0f} s in all; ratio = feedsvc / peer\n")
    print(table(rows))


if __name__ == "__main__":
    main()

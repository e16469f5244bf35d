"""What every benchmark needs: a result row, a command run and weighed, a server started and stopped."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FEEDSVC = (str(Path(sys.executable).parent / "feedsvc"),)


@dataclass(frozen=True)
class Row:
    """One line of the table. ours, peer: in `unit`; peer None: no peer. goal: of the ratio, or of ours."""

    bench: str
    what: str
    ours: float
    unit: str
    peer: float | None
    peer_name: str
    goal: str = ""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.peer if self.peer else None


@dataclass(frozen=True)
class Finished:
    """wall, cpu: seconds, children included. memory: MB of the largest process."""

    wall: float
    cpu: float
    memory: float


def environment(content: Path | None = None, data: Path | None = None, **more: str) -> dict[str, str]:
    """Ours, without any FEEDSVC_ variable of the caller, with these settings."""
    found = {name: value for name, value in os.environ.items() if not name.startswith("FEEDSVC_")}
    found["PYTHONPATH"] = str(ROOT)
    if content is not None:
        found["FEEDSVC_CONTENT__ROOTS"] = f'["{content}"]'
    if data is not None:
        found["FEEDSVC_DATA_DIR"] = str(data)
    return found | more


def run(command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Finished:
    """Run to the end; CalledProcessError with its output when it fails."""
    started = time.perf_counter()
    with subprocess.Popen(command, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output.decode("utf-8", "replace")[-2000:])
    return Finished(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def pinned(core: int) -> list[str]:
    """A prefix that keeps a command on one core; nothing where that cannot be done."""
    return ["taskset", "-c", str(core)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []


@contextmanager
def server(command: Sequence[str], port: int, env: Mapping[str, str], seconds: float = 60) -> Iterator[int]:
    """The command's process id, once its port answers; SIGTERM when the block ends."""
    process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"did not start: {' '.join(command)}") from error
                time.sleep(0.02)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=45)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def processor_time(pid: int) -> float:
    """Seconds that a process and its children have used so far; 0 where /proc does not tell."""
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if pid in (int(entry.parent.name), int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def own_memory(pid: int) -> float:
    """MB that a process and all below it have for themselves, without what they map from files; 0 without /proc."""
    parents: dict[int, int] = {}
    kilobytes: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in entry.read_text("utf-8").splitlines() if ":" in line)
        except OSError:
            continue  # it ended meanwhile
        parents[int(fields["Pid"])] = int(fields["PPid"])
        kilobytes[int(fields["Pid"])] = int(fields.get("RssAnon", "0").split()[0])
    below = {pid}
    while more := {child for child, parent in parents.items() if parent in below} - below:
        below |= more
    return sum(kilobytes.get(one, 0) for one in below) / 1024


def folder_octets(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]

"""Whether somebody is still writing a file.

Authors' tools write in place (content.md 0.4: no temporary file, no rename), so a file may be half there when we look.
Linux can tell: a read lease is refused while any process has the file open for writing (fcntl(2), F_SETLEASE).
"""

from __future__ import annotations

import errno
import fcntl
import signal


def being_written(descriptor: int) -> bool | None:
    """True or False where the kernel tells; None where it cannot (other systems, network file systems, foreign files).

    Call `ignore_lease_breaks` once per process before: a writer that opens the file in the microseconds in which
    we hold the lease makes the kernel send SIGIO, which would end the process.
    """
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return True if error.errno in (errno.EAGAIN, errno.EWOULDBLOCK) else None
    except AttributeError:  # not Linux
        return None
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def ignore_lease_breaks() -> None:
    """To be called in the main thread of every process that asks `being_written`."""
    if hasattr(signal, "SIGIO"):
        signal.signal(signal.SIGIO, signal.SIG_IGN)

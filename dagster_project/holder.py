"""Who runs now.

Belongs here: looking at the run lock without touching it.
Does not: taking it (`reports/lock.py`).
"""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from reports.lock import Holder, read_holder


def live_holder(home: Path) -> Holder | None:
    """The process that holds the run lock of a home, None if none does.

    The lock itself is not tried: to hold it for an instant would turn a run away.
    """
    holder = read_holder(home / "run.lock", patience_seconds=0)
    if holder is None or holder.host != socket.gethostname():
        return holder
    with contextlib.suppress(PermissionError):
        try:
            os.kill(holder.pid, 0)
        except ProcessLookupError:
            return None
    return holder

"""Who runs now.

Belongs here: looking at the run lock without touching it.
Does not: taking it (`reports/lock.py`).
"""

from __future__ import annotations

import socket
from pathlib import Path

from dagster_project.paths import is_alive
from reports.lock import Holder, read_holder


def live_holder(home: Path) -> Holder | None:
    """The process that holds the run lock of a home, None if none does.

    The lock itself is not tried: to hold it for an instant would turn a run away.
    """
    holder = read_holder(home / "run.lock", patience_seconds=0)
    if holder is None or holder.host != socket.gethostname():
        return holder
    return holder if is_alive(holder.pid) else None

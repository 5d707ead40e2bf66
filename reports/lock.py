"""The run lock: one run or one publisher at a time in a home.

Belongs here: taking the lock, naming who holds it.
Does not: what is done under it.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

BRIEF_SECONDS = 60.0
"""How long anybody waits for a holder that says it will be brief."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock, in the words of the lock file. One that `is_brief` lets go within seconds: others wait for it."""

    pid: int
    host: str
    command: str
    started_at: str
    is_brief: bool = False


class LockHeld(Exception):
    """Another process holds the lock.

    Attributes:
        holder: who it is, None in the instant in which it has the lock and has not written its name yet.
    """

    def __init__(self, path: Path, holder: Holder | None) -> None:
        self.path = path
        self.holder = holder
        who = (
            f"`{holder.command}` (process {holder.pid} on {holder.host}, since {holder.started_at})"
            if holder
            else "a process that is just starting"
        )
        super().__init__(
            f"Another run is in progress: {who} holds {path}.\n"
            "Wait until it ends, or stop that process; the lock goes with it. Nothing was changed."
        )


class RunLock:
    """The lock of a home, as a context manager.

    The kernel holds it for the process (`flock`), so it is gone when the process is, however it ended; a file left behind means nothing.
    A process that has it already may take it again, so a command and what it calls can both ask for it.

    Args:
        is_brief: it will be let go within seconds. Whoever finds such a holder waits for it: landing some events must not turn a run away.

    Raises:
        LockHeld: on entry, if another process has it.
    """

    _held: ClassVar[dict[Path, tuple[int, int]]] = {}
    _guard: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, home: Path, command: str, *, is_brief: bool = False) -> None:
        self._path = home.resolve() / "run.lock"
        self._command = command
        self._is_brief = is_brief

    def __enter__(self) -> Self:
        with self._guard:
            if held := self._held.get(self._path):
                descriptor, depth = held
                self._held[self._path] = (descriptor, depth + 1)
            else:
                self._held[self._path] = (self._take(), 1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._guard:
            descriptor, depth = self._held[self._path]
            if depth > 1:
                self._held[self._path] = (descriptor, depth - 1)
                return
            del self._held[self._path]
            os.ftruncate(descriptor, 0)
            os.close(descriptor)

    def _take(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        deadline = time.monotonic() + BRIEF_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = read_holder(self._path)
                if holder is None or not holder.is_brief or time.monotonic() > deadline:
                    os.close(descriptor)
                    raise LockHeld(self._path, holder) from None
                time.sleep(0.05)
        name = Holder(os.getpid(), socket.gethostname(), self._command, datetime.now(UTC).isoformat(timespec="seconds"), self._is_brief)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(name)).encode(), 0)
        return descriptor


def is_held(home: Path) -> Holder | None:
    """Who holds the lock of a home now, None if nobody does. A look, not a promise: it may change at once."""
    path = home.resolve() / "run.lock"
    if not path.exists():
        return None
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return read_holder(path) or Holder(0, socket.gethostname(), "a process that is just starting", "now")
    finally:
        os.close(descriptor)
    return None


def read_holder(path: Path, patience_seconds: float = 0.5) -> Holder | None:
    """Who has written a lock file; waits a moment for a holder that has the lock and is about to write."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return Holder(**json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            if time.monotonic() > deadline:
                return None
            time.sleep(0.02)

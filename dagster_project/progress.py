"""Progress of a run, told to whoever listens in this process.

Belongs here: the words between the steps and a display.
Does not: how it looks (`cli/progress.py`).
"""

from __future__ import annotations

from typing import Protocol


class Listener(Protocol):
    """Is told about the steps of a run. A step is a source, the registration, a dbt node, a suite, or publishing."""

    def expect(self, steps: int) -> None:
        """The run has so many steps in all."""

    def phase(self, name: str) -> None:
        """What is being done now."""

    def advance(self, what: str, rows: int = 0) -> None:
        """One step is done and brought so many rows."""

    def note(self, what: str, rows: int) -> None:
        """A step is still at work and has brought so many rows more."""


class Silence:
    """Nobody listens, as in a run that Dagster's daemon launched."""

    def expect(self, steps: int) -> None:
        """Is not shown."""

    def phase(self, name: str) -> None:
        """Is not shown."""

    def advance(self, what: str, rows: int = 0) -> None:
        """Is not shown."""

    def note(self, what: str, rows: int) -> None:
        """Is not shown."""


_listeners: list[Listener] = [Silence()]


def listen(listener: Listener) -> None:
    """From now on tell this listener; a process runs one job at a time."""
    _listeners[0] = listener


def progress() -> Listener:
    """Whoever listens now."""
    return _listeners[0]

"""The progress of a run on the terminal: steps done of total, rows, elapsed; plain lines when piped.

Belongs here: how progress looks.
Does not: what the steps are (`dagster_project/progress.py`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dagster_project.cli.display import duration
from dagster_project.progress import Listener, Silence, listen


class PlainLines:
    """A line a phase, for logs and pipes. Rows are those of the last phase that moved any."""

    def __init__(self) -> None:
        self._out = sys.stderr
        self._started = time.monotonic()
        self._total = 0
        self._done = 0
        self._rows = 0
        self._is_new_phase = False

    def expect(self, steps: int) -> None:
        """Keep the total."""
        self._total = steps

    def phase(self, name: str) -> None:
        """Print where the run is."""
        elapsed = duration(time.monotonic() - self._started)
        self._out.write(f"[{elapsed}] {self._done}/{self._total} steps, {self._rows:,} rows: {name}\n")
        self._out.flush()
        self._is_new_phase = True

    def advance(self, what: str, rows: int = 0) -> None:
        """Count a step."""
        self._done += 1
        self.note(what, rows)

    def note(self, what: str, rows: int) -> None:
        """Count rows."""
        if rows:
            self._rows = rows if self._is_new_phase else self._rows + rows
            self._is_new_phase = False


class Bar:
    """A bar on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        # Bound to the terminal itself: while the job runs, sys.stderr is a log file.
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("steps · {task.fields[rows]:,} rows ·"),
            TimeElapsedColumn(),
            console=Console(file=sys.stderr),
            redirect_stdout=False,
            redirect_stderr=False,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=None, rows=0)
        self._rows = 0
        self._is_new_phase = False
        self._bar.start()

    def expect(self, steps: int) -> None:
        """Set the length of the bar."""
        self._bar.update(self._task, total=steps)

    def phase(self, name: str) -> None:
        """Name what is being done."""
        self._bar.update(self._task, description=name)
        self._is_new_phase = True

    def advance(self, what: str, rows: int = 0) -> None:
        """Move the bar."""
        self._bar.update(self._task, advance=1)
        self.note(what, rows)

    def note(self, what: str, rows: int) -> None:
        """Show the rows."""
        if rows:
            self._rows = rows if self._is_new_phase else self._rows + rows
            self._is_new_phase = False
        self._bar.update(self._task, rows=self._rows)

    def stop(self) -> None:
        """Take the bar off the terminal."""
        self._bar.stop()


@contextmanager
def shown_progress() -> Iterator[None]:
    """Show the progress of what runs inside."""
    bar = Bar() if sys.stderr.isatty() else None
    listener: Listener = bar or PlainLines()
    listen(listener)
    try:
        yield
    finally:
        listen(Silence())
        if bar is not None:
            bar.stop()

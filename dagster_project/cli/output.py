"""Standard output whose reader may leave before the command has ended.

Belongs here: what becomes of text that nobody reads.
Does not: how results look (`display.py`).
"""

from __future__ import annotations

import io
import os
import sys


class PatientOutput(io.TextIOWrapper):
    """Goes on into nothing once its reader has seen enough, as `head` does: the command ends with its own exit status."""

    def write(self, text: str, /) -> int:
        """As any text stream."""
        try:
            return super().write(text)
        except BrokenPipeError:
            self._go_on_into_nothing()
            return len(text)

    def flush(self) -> None:
        """As any text stream."""
        try:
            super().flush()
        except BrokenPipeError:
            self._go_on_into_nothing()

    def _go_on_into_nothing(self) -> None:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, self.fileno())
        os.close(nothing)


def be_patient() -> None:
    """Make standard output patient."""
    out = sys.stdout
    sys.stdout = PatientOutput(out.buffer, encoding=out.encoding, errors=out.errors, line_buffering=bool(out.line_buffering))

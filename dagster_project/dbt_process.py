"""The dbt process of a run: dbt's own command, which ends when the run ends.

Belongs here: tying the life of the child to its parent.
Does not: what dbt is asked to do (`assets/warehouse.py`).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have the kernel end this process with its parent.

    A run that is killed cannot stop its dbt, and a dbt left over would go on writing files by name into the folder of the next run.
    Linux only; elsewhere dbt stops at the first write to its closed output.
    """
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent or parent == 1:
        os._exit(1)


def main() -> None:
    """Run dbt's command line in this process."""
    die_with_parent()
    from dbt.cli.main import cli  # noqa: PLC0415 - dbt takes a second to import and must not do so before the tie is made

    cli()


if __name__ == "__main__":
    main()

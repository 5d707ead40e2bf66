"""The dbt process of a run: dbt's own command, which ends when the run ends and knows only what it needs.

Belongs here: tying the life of the child to its parent, the environment that dbt may see.
Does not: what dbt is asked to do (`assets/warehouse.py`).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

RUN_VARIABLES = (
    "PMO_WAREHOUSE",
    "PMO_AS_OF",
    "PMO_KNOWN_AT",
    "PMO_STARTED_AT",
    "PMO_BUILD_ID",
    "PMO_REPORTING_CURRENCY",
    "PMO_TIME_ZONE",
    "PMO_CALENDAR_ID",
)
"""What the models may know about the run (see dbt/macros/run/parameters.sql)."""
_KEPT = frozenset({*RUN_VARIABLES, "PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DO_NOT_TRACK"})
_KEPT_PREFIXES = ("DBT_", "DAGSTER_DBT_", "PYTHON", "LC_")


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


def forget_the_rest() -> None:
    """Drop every variable that dbt does not need: the secrets of sources among them, and dbt searches all of them at each line it logs."""
    for name in list(os.environ):
        if name not in _KEPT and not name.startswith(_KEPT_PREFIXES):
            del os.environ[name]


def main() -> None:
    """Run dbt's command line in this process."""
    die_with_parent()
    forget_the_rest()
    from dbt.cli.main import cli  # noqa: PLC0415 - takes a second, in which the parent may die

    cli()


if __name__ == "__main__":
    main()

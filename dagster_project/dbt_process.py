"""The dbt process of a run: dbt's own command, which ends when the run ends and knows only what it needs.

Belongs here: tying the life of the child to its parent, the environment that dbt may see, the commands that make a warehouse.
Does not: what their results mean (`assets/warehouse.py`, `reports/dbt_results.py`).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.garbage import collect_seldom
from dagster_project.paths import dbt_project_dir

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

BUILD_TABLES = ("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
TEST_TABLES = ("test", "--exclude-resource-type", "unit_test")
"""Two commands: `dbt build` would skip whatever lies behind a failing test, and the gate could not say what else is wrong."""
BUILD_LANDED = "build-landed"
"""The first of them, without the staging of source types of which nothing has landed."""
BUILD_AND_TEST = "build-and-test"
"""Both in one process: starting dbt takes four seconds of processor time."""
ALWAYS_STAGED = frozenset({"files", "gate", "landing"})
"""Folders of dbt/models/staging that every run builds: what the PMO delivers itself, and what belongs to no source."""
RESULTS_OF_BUILD = "run_results.build.json"
"""Where the first command's results are kept: dbt writes those of every command to `run_results.json`."""

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
    "PMO_SOURCE_TYPES",
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


def unlanded_staging(landed: Collection[str]) -> list[str]:
    """Folders of the project with the staging of source types of which nothing has landed.

    Core leaves those types out of its unions, too (`staged_types` in dbt/macros/staging/union_staged.sql): their tables would be empty and
    nobody would read them, and they are a third of all models.

    Args:
        landed: the types of which something has landed.
    """
    staging = dbt_project_dir() / "models" / "staging"
    types = {folder.name for folder in staging.iterdir() if folder.is_dir()} - ALWAYS_STAGED
    return [f"models/staging/{type_}" for type_ in sorted(types - set(landed))]


def without_unlanded(landed: Collection[str]) -> list[str]:
    """Options of dbt's `build` that leave `unlanded_staging` out."""
    folders = unlanded_staging(landed)
    return ["--exclude", *(f"path:{folder}" for folder in folders)] if folders else []


def forget_the_rest() -> None:
    """Drop every variable that dbt does not need: the secrets of sources among them, and dbt searches all of them at each line it logs."""
    for name in list(os.environ):
        if name not in _KEPT and not name.startswith(_KEPT_PREFIXES):
            del os.environ[name]


def main() -> None:
    """Run dbt in this process: `[--parsed FILE] COMMAND OPTIONS`.

    `build-landed` stands for `BUILD_TABLES` of what has landed, `build-and-test` for that and, if all are there, `TEST_TABLES`. With
    `--parsed` dbt takes the project as it was parsed into that `partial_parse.msgpack`. Without it dbt parses it, and again for each other
    database file.
    """
    die_with_parent()
    forget_the_rest()
    arguments = sys.argv[1:]
    if arguments[:1] != ["--parsed"]:
        from dbt.cli.main import cli  # noqa: PLC0415 - takes a second, in which the parent may die

        cli()
    _, parsed, command, *options = arguments
    project = read_parsed(Path(parsed))
    collect_seldom()
    sys.exit(run(project, command, options))


def read_parsed(parsed: Path) -> Manifest:
    """The project as dbt parsed it into a `partial_parse.msgpack`."""
    from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415 - as above

    return Manifest.from_msgpack(parsed.read_bytes())


def run(parsed: Manifest, command: str, options: list[str]) -> int:
    """The exit status: 1 if a table could not be built or a test failed. The tests of tables that are not there would only repeat that."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - as above

    dbt = dbtRunner(manifest=parsed)
    if command not in (BUILD_LANDED, BUILD_AND_TEST):
        return _status(dbt.invoke([command, *options]))
    built = dbt.invoke([*BUILD_TABLES, *without_unlanded(os.environ["PMO_SOURCE_TYPES"].split(",")), *options])
    if command == BUILD_LANDED:
        return _status(built)
    if not built.success:
        return _status(built)
    results = Path(os.environ["DBT_TARGET_PATH"]) / "run_results.json"
    results.replace(results.with_name(RESULTS_OF_BUILD))
    return _status(dbt.invoke([*TEST_TABLES, *options]))


def _status(done: dbtRunnerResult) -> int:
    if done.exception is not None:
        sys.stderr.write(f"{done.exception}\n")
    return 0 if done.success else 1


if __name__ == "__main__":
    main()

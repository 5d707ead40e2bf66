"""dbt that is started once for all runs of a test process: each run is a fork of it.

Belongs here: the process that waits with dbt imported and the project read, and the runs forked from it.
Does not: what is run, and over what (`warehouse.py`).

Of the seven to thirteen seconds of processor time that dbt takes for the models of one golden test, two went into imports and into reading
the project, the same each time.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from dagster_project.dbt_process import forget_the_rest, read_parsed
from dagster_project.garbage import collect_seldom
from dagster_project.paths import dbt_project_dir

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

ROOT = Path(__file__).resolve().parents[2]


def run_warm(parsed: Path, arguments: Sequence[str], environment: Mapping[str, str], output: Path, results: Path) -> int:
    """Run a command of dbt and return its exit status; what it says is in `output`, what became of each node in `results`.

    Args:
        parsed: the project as dbt parsed it.
        arguments: the command and its options.
        results: is written as JSON, a list of nodes with the names of dbt's `run_results.json`. Its own files, four megabytes of manifest
            among them, are not written: they cost as much as thirty small models.
    """
    process = _waiting_process(parsed)
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("dbt was started without pipes")
    request = {"arguments": list(arguments), "environment": dict(environment), "output": str(output), "results": str(results)}
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        raise RuntimeError(f"the waiting dbt ended with status {process.wait()}")
    return int(answer)


@cache
def _waiting_process(parsed: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(parsed)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None and process.stdout is not None:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def main() -> None:
    """Wait for requests, a line each, until the input ends; answer each with an exit status."""
    parsed = read_parsed(Path(sys.argv[1]))
    importlib.import_module("dbt.cli.main")
    collect_seldom()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if "duckdb" in sys.modules:
        raise RuntimeError("DuckDB starts a thread when it is imported, and a fork would lose it")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _answer(parsed, json.loads(line))
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _answer(parsed: Manifest, request: dict[str, object]) -> NoReturn:
    """Run one command in this fork and end it as a process ends, so that DuckDB closes its file."""
    output = os.open(str(request["output"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    environment, arguments = request["environment"], request["arguments"]
    if not isinstance(environment, dict) or not isinstance(arguments, list):
        raise TypeError(f"no request: {request}")
    os.environ.clear()
    os.environ.update(environment)
    forget_the_rest()
    os.chdir(dbt_project_dir())
    sys.exit(_run(parsed, ["--no-write-json", *arguments], Path(str(request["results"]))))


def _run(parsed: Manifest, arguments: list[str], results: Path) -> int:
    # Imported before the fork, and by no test that wants no dbt.
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner

    done = dbtRunner(manifest=parsed).invoke(arguments)
    if done.exception is not None:
        sys.stderr.write(f"{done.exception}\n")
    if isinstance(done.result, RunExecutionResult):
        told = [
            {
                "unique_id": found.node.unique_id,
                "status": str(found.status),
                "relation_name": getattr(found.node, "relation_name", None),
                "compiled_code": getattr(found.node, "compiled_code", None),
            }
            for found in done.result.results
        ]
        results.write_text(json.dumps(told), encoding="utf-8")
    return 0 if done.success else 1


if __name__ == "__main__":
    main()

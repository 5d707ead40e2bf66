"""Dagster's storage of a home.

Belongs here: `dagster.yaml`, opening the storage, closing the books on runs that died.
Does not: definitions.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime

import dagster as dg
from sqlalchemy.exc import SQLAlchemyError

from dagster_project.paths import Home
from reports.durable import replace_text

DAGSTER_YAML = """\
# Written by pmo on each start; storage is SQLite beside this file.
telemetry:
  enabled: false
nux:
  enabled: false
# The output of the steps is in work/logs; a capturing process a step would cost more than the step.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
event_log_storage:
  module: dagster_project.event_log
  class: KeptOpenEventLog
  config:
    base_dir: "{folder}/history"
python_logs:
  python_log_level: INFO
# The warehouse has one writer.
concurrency:
  runs:
    max_concurrent_runs: 1
"""


KEPT_RUNS = 60
"""Two months of nights."""
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def open_instance(home: Home) -> dg.DagsterInstance:
    """The storage of runs and events.

    It tells of the past and decides nothing: one that cannot be opened (killed while it was being made) is set aside and begun anew.
    """
    home.dagster.mkdir(parents=True, exist_ok=True)
    settings = home.dagster / "dagster.yaml"
    text = DAGSTER_YAML.format(folder=json.dumps(str(home.dagster))[1:-1])
    if not settings.is_file() or settings.read_text(encoding="utf-8") != text:
        replace_text(settings, text)
    try:
        return _opened(home)
    except (dg.DagsterError, SQLAlchemyError, sqlite3.Error, OSError) as error:
        aside = home.root / f"dagster.unreadable-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        home.dagster.rename(aside)
        home.dagster.mkdir()
        replace_text(settings, text)
        replace_text(aside / "why.txt", f"{type(error).__name__}: {error}\n")
        return _opened(home)


def forget_old_runs(home: Home, instance: dg.DagsterInstance, keep: int = KEPT_RUNS) -> None:
    """Remove the oldest runs: each leaves some 4 MB of events, and what was published is told by the builds themselves."""
    ended = instance.get_runs(filters=dg.RunsFilter(statuses=_ENDED))
    for run in ended[keep:]:
        instance.delete_run(run.run_id)
        for file in (home.dagster / "history").glob(f"{run.run_id}.db*"):
            file.unlink()


def _opened(home: Home) -> dg.DagsterInstance:
    instance = dg.DagsterInstance.from_config(str(home.dagster))
    # Each of the three databases is asked once, so that one that is damaged is found here and not in the middle of a run.
    instance.get_runs_count()
    instance.all_asset_keys()
    instance.all_instigator_state()
    return instance


def close_dead_runs(instance: dg.DagsterInstance) -> int:
    """Mark runs as failed whose process is gone. Only under the run lock: nobody else is running then.

    Returns:
        How many there were.
    """
    dead = instance.get_runs(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    for run in dead:
        instance.report_run_failed(run, "The process of this run ended before the run did.")
    return len(dead)

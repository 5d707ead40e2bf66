"""Launching the nightly job in this process, and how it ended.

Belongs here: the lock, the storage, the job's configuration, the end in the words of the exit statuses.
Does not: options and printing (`cli/`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

import dagster as dg

from dagster_project.dbt_manifest import node_count
from dagster_project.definitions import build_definitions
from dagster_project.expressions import refuse_unusable_expressions
from dagster_project.garbage import collect_seldom
from dagster_project.instance import close_dead_runs, forget_old_runs, open_instance
from dagster_project.jobs import NIGHTLY
from dagster_project.paths import Home
from dagster_project.progress import progress
from dagster_project.run_record import RunRecord, load_record
from dagster_project.selection import narrowed
from ingest.config import Settings
from ingest.forgetting.person import refuse_half_forgotten
from ingest.landing import Landing
from ingest.protocol import Window
from reports.history import LastBuild, Outcome, read_last_build, write_last_build
from reports.lock import RunLock


class End(Enum):
    """How a run of the nightly job ended."""

    PUBLISHED = "published"
    REFUSED = "refused"
    SOURCE_FAILED = "source_failed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Launched:
    """A run that has ended.

    Attributes:
        record: what it was given and what its sources brought; None if it failed before it began.
        last: what its gate found; None if it never came to that.
        errors: what its steps died of, besides a refusal.
    """

    end: End
    record: RunRecord | None
    last: LastBuild | None
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a run; None = the default of `NightlyRun`.

    Attributes:
        sources: read only these; what others have landed counts all the same.
        window: read these days again, instead of what is new.
    """

    as_of: date | None = None
    known_at: datetime | None = None
    sources: Sequence[str] = ()
    full_refresh: bool = False
    window: Window | None = None


def launch(settings: Settings, order: Order, command: str) -> Launched:
    """Run the nightly job here and now.

    Raises:
        ConfigError: a mapping expression cannot be used; nothing was touched.
        LockHeld: another run is in progress in this home; nothing was touched.
    """
    refuse_unusable_expressions(settings)
    home = Home(settings.home)
    with RunLock(home.root, command):
        refuse_half_forgotten(home.root)
        home.enter()
        with _quiet(home):
            definitions = build_definitions(settings)
            job = definitions.resolve_job_def(NIGHTLY)
            progress().expect(_steps(settings, order))
            collect_seldom()
            with open_instance(home) as instance:
                close_dead_runs(instance)
                forget_old_runs(home, instance)
                result = job.execute_in_process(
                    instance=instance,
                    run_config=_run_config(settings, order),
                    asset_selection=narrowed(settings, definitions.resolve_asset_graph().materializable_asset_keys, order.sources),
                    raise_on_error=False,
                    tags={"pmo/command": command},
                )
                return _ended(home, result)


def _run_config(settings: Settings, order: Order) -> dict[str, object]:
    nightly = {
        "config_file": str(settings.config_file),
        "home": str(settings.home),
        "as_of": order.as_of.isoformat() if order.as_of else "",
        "known_at": order.known_at.isoformat() if order.known_at else "",
        "full_refresh": order.full_refresh,
        "window": [order.window.first.isoformat(), order.window.last.isoformat()] if order.window else [],
    }
    return {"resources": {"nightly": {"config": nightly}}}


def _steps(settings: Settings, order: Order) -> int:
    """Sources, registration, dbt's models and tests, expectations, publishing."""
    types = {config.type for config in settings.sources} | {folder.name for folder in Landing(settings.home).root.glob("*")}
    return (len(order.sources) or len(settings.sources)) + node_count(Home(settings.home), types) + 3


def _ended(home: Home, result: dg.ExecuteInProcessResult) -> Launched:
    record = load_record(home.run_record)
    if record is None or record.dagster_run_id != result.run_id:
        return Launched(End.FAILED, None, None, _errors(result))
    last = read_last_build(home.root)
    if last is None or last.build_id != record.build_id:
        last = None
    if record.published and result.success:
        return Launched(End.PUBLISHED, record, last, ())
    if record.held_back_by:
        return Launched(End.SOURCE_FAILED, record, last, ())
    if last is not None and last.outcome is Outcome.REFUSED:
        return Launched(End.REFUSED, record, last, ())
    errors = _errors(result)
    if last is not None and last.outcome is Outcome.FAILED:
        last = LastBuild(last.build_id, last.outcome, last.as_of, last.finished_at, error="\n".join(errors) or last.error)
        write_last_build(home.root, last)
    return Launched(End.FAILED, record, last, errors)


def _errors(result: dg.ExecuteInProcessResult) -> tuple[str, ...]:
    """What the steps that failed by themselves died of, the innermost cause of each."""
    found = []
    for event in result.all_events:
        if not event.is_step_failure:
            continue
        data = event.step_failure_data
        if data.user_failure_data and data.user_failure_data.description:
            found.append(f"{event.step_key}: {data.user_failure_data.description}")
            continue
        error = data.error
        while error is not None and error.cause is not None:
            error = error.cause
        if error is not None:
            found.append(f"{event.step_key}: {error.message.strip()}")
    if not found:
        found = [event.message for event in result.all_events if event.is_run_failure and event.message]
    return tuple(found)


@contextlib.contextmanager
def _quiet(home: Home) -> Iterator[None]:
    """What libraries print while a run goes on goes to `work/logs/run.log`."""
    with (home.logs / "run.log").open("w", encoding="utf-8") as log, contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        yield

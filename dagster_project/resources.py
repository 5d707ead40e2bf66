"""Resources: what the steps of a run share, and dbt.

Belongs here: the settings of a run, the lock it holds, its record; dbt's command.
Does not: what the steps do.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource
from packaging.version import Version
from pydantic import Field, PrivateAttr

from dagster_project.code_version import code_version
from dagster_project.paths import Home
from dagster_project.run_record import RunRecord, load_record
from ingest.config import Settings, load_settings
from ingest.landing import Landing
from ingest.protocol import Window
from reports.history import read_last_build
from reports.lock import LockHeld, RunLock
from reports.manifest import BuildInfo, BuildSettings, InputFile
from reports.publish import end_failed


class NightlyRun(dg.ConfigurableResource):  # type: ignore[type-arg]
    """What one run of the nightly job is given, and what its steps have found so far.

    Attributes:
        as_of: status date of the metrics (`YYYY-MM-DD`); empty = today in the organization's time zone.
        known_at: only what was landed by this instant counts (ISO 8601); empty = everything this run has landed.
        full_refresh: read API sources from their beginning. Files are always compared by content.
        window: first and last day to read again (`YYYY-MM-DD`), instead of what is new; empty = what is new.
    """

    config_file: str
    home: str
    as_of: str = ""
    known_at: str = ""
    full_refresh: bool = False
    window: list[str] = Field(default_factory=list)

    _record: RunRecord | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[NightlyRun, None, None]:
        """Hold the lock of the home while the run goes on; a run that finds it taken ends and is not tried again."""
        self.paths.enter()
        run_id = context.run.run_id if context.run else "none"
        parent = context.run.parent_run_id if context.run else None
        try:
            with RunLock(self.paths.root, f"nightly run {run_id}"):
                self.paths.clear_leftovers()
                self._record = self._open_record(run_id, parent)
                yield self
                self._note_failure()
        except LockHeld as error:
            raise dg.Failure(str(error), allow_retries=False) from error

    @cached_property
    def settings(self) -> Settings:
        """The configuration of this run."""
        return load_settings(Path(self.config_file), Path(self.home))

    @property
    def paths(self) -> Home:
        """The folders of this run's home."""
        return Home(Path(self.home))

    @property
    def landing(self) -> Landing:
        """The landing of this run's home."""
        return Landing(self.paths.root)

    @property
    def record(self) -> RunRecord:
        """The record of this run.

        Raises:
            RuntimeError: asked outside a run.
        """
        if self._record is None:
            raise RuntimeError("NightlyRun has a record only while a run executes")
        return self._record

    def keep(self, **changes: Any) -> RunRecord:  # noqa: ANN401 - fields of RunRecord, checked by pydantic
        """Change the record and make the change durable."""
        self._record = RunRecord.model_validate({**self.record.model_dump(), **changes})
        self._record.save(self.paths.run_record)
        return self._record

    def fix_known_at(self) -> BuildInfo:
        """From here on what has landed by now counts, unless the run was given an earlier instant."""
        if self.record.known_at is None:
            self.keep(known_at=datetime.now(UTC))
        return self.build_info()

    def build_info(self) -> BuildInfo:
        """The build of this run, with every landing file that counts for it."""
        record = self.record
        known_at = record.known_at or datetime.now(UTC)
        return BuildInfo(
            build_id=record.build_id,
            as_of=record.as_of,
            known_at=known_at,
            started_at=record.started_at,
            code_version=code_version(),
            settings=build_settings(self.settings),
            inputs=input_files(self.landing, known_at),
        )

    def _note_failure(self) -> None:
        """A run that neither published nor was refused failed before its gate: `pmo status` must not show the run before it as the last."""
        last = read_last_build(self.paths.root)
        if last is None or last.build_id != self.record.build_id:
            end_failed(
                self.paths.root,
                self.build_info(),
                "A step failed before the gate could decide; work/logs/run.log says which, or Dagster's UI.",
            )

    def _open_record(self, run_id: str, parent: str | None) -> RunRecord:
        """A new record, or that of the run which this one continues (`re-execute from failure` in the UI)."""
        known = load_record(self.paths.run_record)
        if known is not None and known.dagster_run_id in (run_id, parent):
            return known
        record = RunRecord.begin(
            run_id,
            self.settings.time_zone,
            date.fromisoformat(self.as_of) if self.as_of else None,
            datetime.fromisoformat(self.known_at) if self.known_at else None,
            self.full_refresh,
            Window(*(date.fromisoformat(day) for day in self.window)) if self.window else None,
        )
        record.save(self.paths.run_record)
        return record


def build_settings(settings: Settings) -> BuildSettings:
    """Those settings that change a number."""
    return BuildSettings(settings.reporting_currency, settings.time_zone, settings.calendar_id)


def input_files(landing: Landing, known_at: datetime) -> tuple[InputFile, ...]:
    """Every landing file, quarantined rows included, that counts at an instant."""
    files = [part for load in landing.select(known_at) for part in (load.parquet, load.quarantine) if part is not None]
    return tuple(InputFile(part.path, part.sha256) for part in files)


class DbtOfThisPackage(DbtCliResource):
    """dbt as it is installed beside this package.

    `DbtCliResource` asks `dbt --version` before each invocation (4.6 s on two cores) and opens an adapter in this process to fetch
    column metadata, which the models' own contracts carry. The version is in the package's metadata, and no adapter is opened.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(metadata.version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: object) -> None:  # type: ignore[override]
        return None

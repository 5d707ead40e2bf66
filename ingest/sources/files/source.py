"""The files source: a folder into which files of the contract are dropped.

Belongs here: what is new in the folder, one load a file and entity, rejection of a whole file in words.
Does not: single formats (`readers.py`), single rows (`judge.py`), durability (`ingest/landing.py`).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import duckdb
import pyarrow as pa

from ingest import durable, quarantine
from ingest.config import EntityMapping, FilesSourceConfig
from ingest.entities import ENTITIES
from ingest.landing import Landing, LandingError, Received, UnreadableDelivery, cannot_write, files_schema
from ingest.manifest import Load, Manifest
from ingest.privacy import Treatment, home_salt
from ingest.protocol import (
    AS_USUAL,
    CheckResult,
    Delivery,
    Drift,
    IngestResult,
    Order,
    PermanentError,
    Progress,
    RejectedFile,
    SchemaError,
    Source,
)
from ingest.sources.files.columns import NOTHING_LOADED, match_columns
from ingest.sources.files.dialect import Dialect
from ingest.sources.files.discovery import Claim, Discovery, Found, claimed_entities, discover, file_format
from ingest.sources.files.entity_rules import EntityRules, entity_rules, snapshot_day
from ingest.sources.files.judge import Origin, Table, accepted_rows, judge, quarantined_rows
from ingest.sources.files.readers import Opened, Unusable, open_table
from ingest.sources.files.scan import Fault

SOURCE_VERSION = "files/1"
"""Version of this reader, in every landed row."""
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A delivery with all that landing it needs."""

    delivery: Delivery
    claims: tuple[Claim, ...]
    orders: dict[str, int]
    """Place among the deliveries by entity, when an older one is read again."""


@dataclass(frozen=True, slots=True)
class _Run:
    """One call of `ingest`: what is the same for all its files, and what comes of them."""

    landing: Landing
    run_id: str
    extracted_at: datetime
    scratch: Path
    result: IngestResult
    salt: str
    on_progress: Progress | None

    @contextmanager
    def emptied_scratch(self) -> Iterator[Path]:
        """The scratch folder, empty before and gone after."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        durable.make_folder(self.scratch)
        yield self.scratch


class FilesSource(Source):
    """Reads the files of one configured folder."""

    type: ClassVar[str] = "files"

    def __init__(self, config: FilesSourceConfig) -> None:
        """Check the mappings, before anything is read.

        Raises:
            MappingError: an expression cannot be used.
        """
        self.name = config.name
        self.optional = config.optional
        self._config = config
        classified: dict[str, dict[str, Treatment]] = {}
        for name, treatment in config.classified_fields.items():
            entity, _, column = name.partition(".")
            classified.setdefault(entity, {})[column] = treatment
        self._rules = {
            entity: entity_rules(config.name, entity, config.entities.get(entity, EntityMapping()), classified.get(entity))
            for entity in (*config.entities, *(entity for entity in classified if entity not in config.entities))
        }

    def check(self) -> CheckResult:
        """Whether the folder can be listed, and what is in it."""
        try:
            seen = self._discover()
        except PermanentError as error:
            return CheckResult(self.name, False, str(self._config.path), error.what)
        detail = f"{len(seen.found)} files of the contract, {len(seen.refused)} refused, {len(seen.unknown)} with unknown names"
        return CheckResult(self.name, not seen.refused, str(self._config.path), detail)

    def streams(self) -> list[str]:
        """Every entity of the contract: any of them may be dropped into a folder."""
        return list(ENTITIES)

    def pending(self, landing: Landing, *, trust_mtime: bool = False) -> list[Delivery]:
        """Files whose content is not landed yet, or was landed under another mapping, oldest first."""
        return [waiting.delivery for waiting in self._waiting(landing, self._discover(), trust_mtime=trust_mtime)]

    def ingest(
        self,
        landing: Landing,
        run_id: str,
        extracted_at: datetime,
        on_progress: Progress | None = None,
        order: Order = AS_USUAL,
    ) -> IngestResult:
        """Land what is pending, a load a file and entity."""
        landing.clean(self.type, self.name)
        seen = self._discover()
        result = IngestResult()
        for file, stream, problem in seen.refused:
            error = self._rejection(file, problem, "Put the file itself into the folder, readable, or remove what stands there.")
            result.rejected.append(RejectedFile(file, stream, str(error)))
        result.drift += [Drift(file, "", "", "unknown_file") for file in seen.unknown]
        for found in seen.found:
            result.drift += [Drift(f"{found.file}#{sheet}", "", "", "unknown_sheet") for sheet in found.unknown_sheets]
        salt = home_salt(landing.home) if "hash" in self._config.classified_fields.values() else ""
        run = _Run(landing, run_id, extracted_at, landing.scratch / self.name, result, salt, on_progress)
        for waiting in self._waiting(landing, seen, trust_mtime=False):
            try:
                self._land(run, waiting)
            except OSError as error:
                raise cannot_write(run.scratch, error) from error
            except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
                raise LandingError(
                    f"{self.name}/{waiting.delivery.file}: needs more than there is to work with: {str(error).strip().splitlines()[0]}.",
                    f"Make room in memory and on the disk of {run.scratch.parent}, or deliver the table in several files.",
                ) from error
            finally:
                shutil.rmtree(run.scratch, ignore_errors=True)
        return result

    def _discover(self) -> Discovery:
        try:
            return discover(self._config)
        except OSError as error:
            raise PermanentError(
                f"Source {self.name}: the folder {self._config.path} cannot be listed: {error.strerror or error}.",
                "Create it, make it readable, or correct `path` of this source in pmo.toml.",
                "Nothing of this source was read; the published build is unchanged.",
            ) from error

    def _waiting(self, landing: Landing, seen: Discovery, *, trust_mtime: bool) -> list[_Waiting]:
        loads = [manifest for manifest in landing.manifests() if manifest.connection == self.name and manifest.source == self.type]
        newest = {(manifest.stream, manifest.file): manifest for manifest in sorted(loads, key=lambda load: load.landed_at)}
        fresh = list(self._fresh(seen.found, newest, trust_mtime=trust_mtime))
        fresh.sort(key=lambda waiting: (waiting.delivery.mtime_ns, waiting.delivery.file))
        return [*self._outdated(landing, loads, {(waiting.delivery.file, waiting.delivery.sha256) for waiting in fresh}), *fresh]

    def _fresh(self, found: Sequence[Found], newest: dict[tuple[str, str], Manifest], *, trust_mtime: bool) -> Iterator[_Waiting]:
        """Files of the folder whose newest load has another content or mapping."""
        for one in found:
            loads = [newest.get((claim.entity, _landed_name(one.file, claim))) for claim in one.claims]
            try:
                status = one.path.stat()
                is_known = trust_mtime and all(
                    load is not None and (load.delivered_bytes, load.delivered_mtime_ns) == (status.st_size, status.st_mtime_ns)
                    for load in loads
                )
                sha256 = next(load.file_sha256 for load in loads if load) if is_known else durable.sha256(one.path)
                size, mtime_ns = status.st_size, status.st_mtime_ns
            except OSError:
                # Landing it will say what is wrong, in the words of a rejection.
                sha256, size, mtime_ns = "", 0, 0
            claims = tuple(
                claim
                for claim, load in zip(one.claims, loads, strict=True)
                if load is None or not sha256 or (load.file_sha256, load.mapping_hash) != (sha256, self._hash(claim.entity))
            )
            if claims:
                streams = tuple(claim.entity for claim in claims)
                yield _Waiting(Delivery(one.file, one.path, streams, sha256, size, mtime_ns), claims, {})

    def _outdated(self, landing: Landing, loads: Sequence[Manifest], fresh: set[tuple[str, str]]) -> Iterator[_Waiting]:
        """Older deliveries, kept in landing, whose mapping has changed since: they are read again and keep their place."""
        last = {(load.stream, load.file, load.file_sha256): load for load in sorted(loads, key=lambda load: load.landed_at)}
        for (stream, file, sha256), load in sorted(last.items(), key=lambda item: item[1].delivery_order):
            name, _, sheet = file.partition("#")
            claim = Claim(stream, sheet or None)
            claimed = claimed_entities(self._config, name)
            is_ours = stream in claimed or (not claimed and bool(sheet))
            if is_ours and (name, sha256) not in fresh and load.mapping_hash != self._hash(stream):
                kept = landing.kept_file(load)
                if not kept.exists():
                    # Removed with the person it named, or never kept: what was landed of it stays as it is.
                    continue
                delivery = Delivery(name, kept, (stream,), sha256, load.delivered_bytes, load.delivered_mtime_ns, is_kept=True)
                yield _Waiting(delivery, (claim,), {stream: load.delivery_order})

    def _hash(self, entity: str) -> str:
        return self._rules_of(entity).mapping_hash

    def _rules_of(self, entity: str) -> EntityRules:
        return self._rules.get(entity) or EntityRules()

    def _land(self, run: _Run, waiting: _Waiting) -> None:
        """Land one file for all entities it feeds; what cannot be used is rejected, the rest goes on."""
        delivery = waiting.delivery
        tables: dict[tuple[str | None, Dialect], list[Claim]] = {}
        for claim in waiting.claims:
            tables.setdefault((claim.sheet, self._rules_of(claim.entity).dialect), []).append(claim)
        try:
            with run.landing.receive(self.type, self.name, delivery.path, Path(delivery.file).name) as received:
                for (sheet, dialect), claims in tables.items():
                    self._land_table(run, waiting, received, sheet, dialect, claims)
        except UnreadableDelivery as error:
            problem = self._rejection(delivery.file, f"it cannot be read ({error})", "Make the file readable for this user, and whole.")
            run.result.rejected += [RejectedFile(delivery.file, stream, str(problem)) for stream in delivery.streams]

    def _land_table(
        self, run: _Run, waiting: _Waiting, received: Received, sheet: str | None, dialect: Dialect, claims: Sequence[Claim]
    ) -> None:
        """Land one table (a file, or a sheet of a workbook), read once, for each entity it feeds."""
        file = waiting.delivery.file
        form = str(file_format(file))
        try:
            with run.emptied_scratch() as folder, open_table(received.path, file, form, sheet, folder, dialect) as opened:
                for claim in claims:
                    self._land_entity(run, waiting, received, claim, opened)
        except Unusable as error:
            for claim in claims:
                name = _landed_name(file, claim)
                run.result.rejected.append(RejectedFile(name, claim.entity, str(self._rejection(name, error.what, error.remedy))))

    def _land_entity(self, run: _Run, waiting: _Waiting, received: Received, claim: Claim, opened: Opened) -> None:
        entity = ENTITIES[claim.entity]
        file = _landed_name(waiting.delivery.file, claim)
        origin = Origin(self.type, self.name, file, run.run_id, run.extracted_at, SOURCE_VERSION)
        connection, table = opened.connection, opened.table
        rules = self._rules_of(entity.name)
        hidden = self._hidden(waiting, claim)
        snapshot_date = snapshot_day(waiting.delivery) if rules.is_snapshot else None
        try:
            self._refuse_second_list(run, file, entity.name, snapshot_date)
            reading = rules.reading(snapshot_date, run.salt, hidden)
            matched = match_columns(f"{self.name}/{file}", connection, table, entity, reading, opened.page_header)
        except SchemaError as error:
            run.result.rejected.append(RejectedFile(file, entity.name, str(error)))
            return
        tally = judge(connection, table, entity, matched.cells)
        load = Load(
            source=self.type,
            connection=self.name,
            stream=entity.name,
            run_id=run.run_id,
            extracted_at=run.extracted_at,
            source_version=SOURCE_VERSION,
            file=file,
            # A kept delivery goes by the name of what was delivered, even if a person was forgotten in it since.
            file_sha256=waiting.delivery.sha256 if waiting.delivery.is_kept else received.sha256,
            mapping_hash=self._hash(entity.name),
            delivered_bytes=received.size,
            delivered_mtime_ns=waiting.delivery.mtime_ns,
            rows_read=opened.rows_read,
            rows_superseded=tally.superseded,
            min_updated_at=tally.min_updated_at,
            max_updated_at=tally.max_updated_at,
            columns=tuple(table.columns),
            key_fingerprint=_fingerprint(table),
            unknown_columns=matched.unknown,
            missing_optional_columns=matched.missing_optional,
            delivery_order=waiting.orders.get(entity.name),
            snapshot_date=snapshot_date,
        )
        faults = _fault_rows(opened.faults, entity.name, origin, is_hidden=bool(hidden))
        bad = itertools.chain(faults, quarantined_rows(connection, table, entity, matched.cells, origin))
        if not waiting.delivery.is_kept and not self._config.classified_fields:
            # A delivery that is kept is kept as it came, with all that is classified.
            received.keep()
        manifest = run.landing.write(load, accepted_rows(connection, entity, origin), bad, files_schema(entity.name))
        run.result.loads.append(manifest)
        run.result.drift += [Drift(file, entity.name, column, "unknown_column") for column in matched.unknown]
        if run.on_progress is not None:
            run.on_progress(f"{self.name}/{file} → {entity.name}", manifest.rows_read)

    def _hidden(self, waiting: _Waiting, claim: Claim) -> frozenset[str]:
        """Columns of the file that feed a classified column of any entity that is read from it."""
        entities = {claim.entity, *claimed_entities(self._config, waiting.delivery.file)}
        return frozenset(name for entity in entities for name in self._rules_of(entity).hidden)

    def _refuse_second_list(self, run: _Run, file: str, stream: str, snapshot_date: str | None) -> None:
        """A list of a day replaces the one of that day only under its name: another name may be the list of another company.

        Raises:
            SchemaError: the day has a list of another name.
        """
        if snapshot_date is None:
            return
        lists = (load for load in run.landing.select() if (load.connection, load.stream) == (self.name, stream))
        other = next((load.file for load in lists if load.snapshot_date == snapshot_date and load.file != file), None)
        if other is not None:
            raise self._rejection(
                file,
                f"the list of {snapshot_date} is here already as {other}, and a second one would replace it",
                f"Deliver a correction as {other}; make another list, as of another company, a source of its own.",
            )

    def _rejection(self, file: str, problem: str, remedy: str) -> SchemaError:
        return SchemaError(f"{self.name}/{file}: {problem}.", remedy, NOTHING_LOADED)


def _landed_name(file: str, claim: Claim) -> str:
    return f"{file}#{claim.sheet}" if claim.sheet else file


def _fingerprint(table: Table) -> str:
    """Identifies the names and types of a file's own columns, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(table.columns.items()), ensure_ascii=False).encode()).hexdigest()


def _fault_rows(faults: Sequence[Fault], stream: str, origin: Origin, *, is_hidden: bool) -> Iterator[pa.RecordBatch]:
    """Records that are none, in the shape of quarantine; without their text where some of it is classified and nobody knows which."""
    if is_hidden:
        faults = [replace(fault, text="") for fault in faults]
    if not faults:
        return
    count = len(faults)
    same = {
        "_source": origin.source,
        "_connection": origin.connection,
        "_stream": stream,
        "file": origin.file,
        "column": None,
        "_extracted_at": origin.extracted_at,
        "_run_id": origin.run_id,
    }
    own = {
        "record": [f"{origin.file}:{fault.line}" for fault in faults],
        "line": [fault.line for fault in faults],
        "value": [fault.text[:_SHOWN_CHARACTERS] for fault in faults],
        "reason": [str(fault.reason) for fault in faults],
        "cells": [json.dumps({"record": fault.text}, ensure_ascii=False) for fault in faults],
        "_payload_hash": [hashlib.sha256(fault.text.encode()).hexdigest() for fault in faults],
    }
    arrays = [pa.array(own[field.name] if field.name in own else [same[field.name]] * count, field.type) for field in quarantine.SCHEMA]
    yield pa.RecordBatch.from_arrays(arrays, schema=quarantine.SCHEMA)

"""Landing: how a batch of records becomes durable. The only code that writes under `landing/`.

Belongs here: envelope, Parquet, kept deliveries, manifest, selection by `known_at`, the count of what a load holds.
Does not: what a source is (`protocol.py`), what a column means (dbt staging), when to read (`dagster_project`).

Everything is written under a name that starts with `.tmp-`, fsynced, renamed, and the folder fsynced; the manifest comes last. A crash
at any moment leaves the loads that have a manifest and leftovers that nobody reads, which `clean` removes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest import durable, quarantine
from ingest.entities import ENTITIES
from ingest.landed_tables import register_loads
from ingest.manifest import DataFile, Load, LoadCount, Manifest

ENVELOPE = (
    ("_source", pa.string()),
    ("_connection", pa.string()),
    ("_stream", pa.string()),
    ("_record_id", pa.string()),
    ("_updated_at", pa.timestamp("us", tz="UTC")),
    ("_extracted_at", pa.timestamp("us", tz="UTC")),
    ("_run_id", pa.string()),
    ("_source_version", pa.string()),
    ("_deleted", pa.bool_()),
    ("_payload_hash", pa.string()),
)
"""What every landed record carries, whatever its source."""
TRAILER = (("payload", pa.string()), ("_file", pa.string()), ("_line", pa.int64()))
ASIDE = ".tmp-"
KEPT = "_files"
EVENTS = "webhook_events"
"""The stream of what webhooks told of a source: hints of what to read. No build counts it, so it does not matter whether one came."""
_COPY_BYTES = 8 << 20


class LandingError(Exception):
    """Landing cannot be written or is damaged. What is wrong, what to do, what happened."""

    def __init__(self, what: str, remedy: str, effect: str = "Nothing of this load was kept; the published build is unchanged.") -> None:
        super().__init__(f"{what}\n{remedy}\n{effect}")


class UnreadableDelivery(Exception):
    """A delivered file does not give its bytes; the message says why."""


class RowAccountingError(LandingError):
    """The rows to be written are not the rows that were read; nothing was written."""


def files_schema(stream: str) -> pa.Schema:
    """Columns of a landed file stream: envelope, the entity's columns as text, what else the file had."""
    return pa.schema([*ENVELOPE, *((column.name, pa.string()) for column in ENTITIES[stream].columns), *TRAILER])


class Received:
    """A delivered file, copied to where it will stay if any of it is landed."""

    def __init__(self, aside: Path, kept: Path, sha256: str, size: int) -> None:
        self.path = aside
        self.sha256 = sha256
        self.size = size
        self._kept = kept

    def keep(self) -> None:
        """Let the copy stay. Doing it twice, or for content that is there already, is no harm."""
        if self.path == self._kept:
            return
        try:
            if self._kept.exists():
                self.path.unlink()
            else:
                durable.rename(self.path, self._kept)
        except OSError as error:
            raise cannot_write(self._kept, error) from error
        self.path = self._kept


class Landing:
    """The landing of one home."""

    def __init__(self, home: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.home = home
        self.root = home / "landing"
        self._now = now
        self._numbers: dict[str, int] = {}
        self._read: dict[tuple[str, int], Manifest] = {}
        self._last_order: int | None = None

    @property
    def scratch(self) -> Path:
        """Where a reader may put what it needs while it reads; emptied by `clean`."""
        return self.home / "work" / "tmp"

    @contextmanager
    def receive(self, source: str, connection: str, delivered: Path, name: str) -> Iterator[Received]:
        """Copy a delivered file and hash the copy: what is read is what is kept, even if the original changes meanwhile.

        Args:
            name: of the file as it was delivered; the kept copy bears it.

        Raises:
            LandingError: the copy cannot be written.
            UnreadableDelivery: the delivered file cannot be read.
        """
        folder = self.root / source / connection / KEPT
        aside = folder / f"{ASIDE}{uuid.uuid4().hex}"
        digest = hashlib.sha256()
        try:
            durable.make_folder(folder)
            with aside.open("wb") as copy:
                for block in _blocks(delivered):
                    digest.update(block)
                    copy.write(block)
                copy.flush()
                os.fsync(copy.fileno())
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise cannot_write(aside, error) from error
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        sha256 = digest.hexdigest()
        received = Received(aside, folder / f"{sha256[:16]}-{name}", sha256, aside.stat().st_size)
        try:
            yield received
        finally:
            aside.unlink(missing_ok=True)

    def kept_file(self, manifest: Manifest) -> Path:
        """The delivered file of a load."""
        name = Path(manifest.file.split("#", 1)[0]).name
        return self.root / manifest.source / manifest.connection / KEPT / f"{manifest.file_sha256[:16]}-{name}"

    def write(self, load: Load, accepted: Iterable[pa.RecordBatch], quarantined: Iterable[pa.RecordBatch], schema: pa.Schema) -> Manifest:
        """Write one load of a stream and return its manifest.

        Args:
            load: what the reader knows of the load.
            accepted: good rows, columns as in `schema`, in any number and order.
            quarantined: the others, columns as in `quarantine.SCHEMA`.
            schema: the stream's columns.

        Raises:
            RowAccountingError: accepted + quarantined + superseded is not what was read; nothing is left behind.
            LandingError: the disk does not take it; nothing is left behind.
        """
        landed_at = self._now()
        number = self._next_number(load.run_id)
        folder = self.root / load.source / load.connection / load.stream / f"load_date={landed_at.astimezone(UTC):%Y-%m-%d}"
        stem = f"{load.run_id}-{number}"
        asides = {suffix: folder / f"{ASIDE}{stem}{suffix}" for suffix in (".parquet", ".quarantine.parquet", ".manifest.json")}
        try:
            durable.make_folder(folder)
            rows = {
                ".parquet": durable.write_parquet(asides[".parquet"], schema, accepted),
                ".quarantine.parquet": durable.write_parquet(asides[".quarantine.parquet"], quarantine.SCHEMA, quarantined),
            }
            if load.rows_read != sum(rows.values()) + load.rows_superseded:
                raise RowAccountingError(
                    f"{load.connection}/{load.file}: {load.rows_read:,} rows of {load.stream} were read, but "
                    f"{rows['.parquet']:,} accepted, {rows['.quarantine.parquet']:,} quarantined and "
                    f"{load.rows_superseded:,} superseded do not add up to them.",
                    "This is a fault of the reader, not of the file; please report it with the file.",
                )
            manifest = self._manifest(load, landed_at, stem, asides, rows)
            durable.write_text(asides[".manifest.json"], manifest.to_json())
            for suffix, aside in asides.items():
                if suffix == ".quarantine.parquet" and manifest.quarantine is None:
                    aside.unlink()
                else:
                    durable.rename(aside, folder / f"{stem}{suffix}")
        except (OSError, pa.ArrowException) as error:
            durable.remove(asides.values())
            raise cannot_write(folder, error) from error
        except BaseException:
            durable.remove(asides.values())
            raise
        return manifest

    def manifests(self, source: str = "*", connection: str = "*", stream: str = "*") -> list[Manifest]:
        """All durable loads, or those of one stream, in the order in which they were delivered.

        Raises:
            LandingError: a manifest is damaged.
        """
        found = []
        for path in self.root.glob(f"{source}/{connection}/{stream}/load_date=*/*.manifest.json"):
            if path.name.startswith(ASIDE):
                continue
            try:
                found.append(self._manifest_at(path))
            except (ValueError, OSError) as error:
                raise LandingError(
                    f"{path}: this manifest cannot be read: {error}.",
                    "Landing is immutable; restore the file from a backup, or move it away to do without its load.",
                    "Nothing was read; the published build is unchanged.",
                ) from error
        return sorted(found, key=lambda manifest: (manifest.delivery_order, manifest.landed_at, manifest.load_id))

    def _manifest_at(self, path: Path) -> Manifest:
        """A manifest, read once: it never changes, but for a rewrite in which a person is forgotten."""
        key = (str(path), path.stat().st_mtime_ns)
        if key not in self._read:
            self._read[key] = Manifest.from_json(path.read_text(encoding="utf-8"), str(path.relative_to(self.home)))
        return self._read[key]

    def select(self, known_at: datetime | None = None) -> list[Manifest]:
        """The loads that count: landed by `known_at`, and of a delivery read under several mappings only the last reading."""
        loads = (manifest for manifest in self.manifests() if manifest.stream != EVENTS)
        known = [manifest for manifest in loads if known_at is None or manifest.landed_at <= known_at]
        newest: dict[tuple[str, ...], tuple[datetime, str]] = {}
        for manifest in known:
            delivery = _delivery(manifest)
            newest[delivery] = max(newest.get(delivery, (manifest.landed_at, "")), (manifest.landed_at, manifest.mapping_hash))
        return [manifest for manifest in known if manifest.mapping_hash == newest[_delivery(manifest)][1]]

    def register(self, connection: duckdb.DuckDBPyConnection, loads: Sequence[Manifest]) -> None:
        """Show selected loads to the warehouse as schema `landing`; see `landed_tables.py`.

        Raises:
            LandingError: a file that a manifest names is gone or damaged.
        """
        counts = [self.verify_load(manifest) for manifest in loads]
        lost = [f"{count.connection}/{count.file}: {'; '.join(count.problems)}" for count in counts if not count.is_readable]
        if lost:
            raise LandingError(
                "Landing is damaged:\n" + "\n".join(lost),
                "Restore landing/ from a backup; or move the manifest of the load away to do without it.",
                "Nothing was built; the published build is unchanged.",
            )
        register_loads(connection, self.home, loads, counts)

    def verify_load(self, manifest: Manifest, *, deep: bool = False) -> LoadCount:
        """Count the rows of a load again, from its files.

        Args:
            deep: compare the sha256 of the files as well, which reads them whole.
        """
        problems: list[str] = []
        counted_rows = {
            "accepted": self._count(manifest.parquet, "accepted", problems, deep=deep),
            "quarantined": self._count(manifest.quarantine, "quarantined", problems, deep=deep) if manifest.quarantine else 0,
        }
        is_readable = None not in counted_rows.values()
        for words, stated in (("accepted", manifest.rows_accepted), ("quarantined", manifest.rows_quarantined)):
            counted = counted_rows[words]
            if counted is not None and counted != stated:
                problems.append(f"{counted:,} rows {words} in the file, {stated:,} in the manifest")
        return LoadCount(
            manifest.load_id,
            manifest.connection,
            manifest.stream,
            manifest.file,
            manifest.rows_read,
            counted_rows["accepted"] or 0,
            counted_rows["quarantined"] or 0,
            manifest.rows_superseded,
            is_readable,
            tuple(problems),
        )

    def clean(self, source: str, connection: str) -> None:
        """Remove what a crash of an earlier run left behind for a source: files aside, and data files whose manifest was never written."""
        shutil.rmtree(self.scratch / connection, ignore_errors=True)
        folder = self.root / source / connection
        durable.remove(folder.glob(f"**/{ASIDE}*"))
        self.clean_stream(source, connection, "*")

    def clean_stream(self, source: str, connection: str, stream: str) -> None:
        """The same for one stream alone."""
        folder = self.root / source / connection
        durable.remove(folder.glob(f"{stream}/load_date=*/{ASIDE}*"))
        for path in folder.glob(f"{stream}/load_date=*/*.parquet"):
            stem = path.name.removesuffix(".parquet").removesuffix(".quarantine")
            if not path.with_name(f"{stem}.manifest.json").exists():
                path.unlink(missing_ok=True)

    def _count(self, file: DataFile, words: str, problems: list[str], *, deep: bool) -> int | None:
        path = self.home / file.path
        try:
            if deep and durable.sha256(path) != file.sha256:
                problems.append(f"the file of {words} rows is not the one that was landed (its sha256 differs)")
            return int(pq.read_metadata(path).num_rows)
        except (OSError, pa.ArrowException) as error:
            problems.append(f"the file of {words} rows cannot be read: {error}")
            return None

    def _next_number(self, run_id: str) -> int:
        if run_id not in self._numbers:
            taken = [int(manifest.load_id.rpartition("-")[2]) for manifest in self.manifests() if manifest.run_id == run_id]
            self._numbers[run_id] = max(taken, default=0)
        self._numbers[run_id] += 1
        return self._numbers[run_id]

    def _next_order(self) -> int:
        if self._last_order is None:
            self._last_order = max((manifest.delivery_order for manifest in self.manifests()), default=0)
        self._last_order += 1
        return self._last_order

    def _manifest(self, load: Load, landed_at: datetime, stem: str, asides: dict[str, Path], rows: dict[str, int]) -> Manifest:
        folder = asides[".parquet"].parent

        def data_file(suffix: str) -> DataFile:
            return DataFile(str((folder / f"{stem}{suffix}").relative_to(self.home)), rows[suffix], durable.sha256(asides[suffix]))

        return Manifest(
            load_id=stem,
            source=load.source,
            connection=load.connection,
            stream=load.stream,
            run_id=load.run_id,
            extracted_at=load.extracted_at,
            landed_at=landed_at,
            source_version=load.source_version,
            file=load.file,
            file_sha256=load.file_sha256,
            mapping_hash=load.mapping_hash,
            delivered_bytes=load.delivered_bytes,
            delivered_mtime_ns=load.delivered_mtime_ns,
            delivery_order=load.delivery_order if load.delivery_order is not None else self._next_order(),
            rows_read=load.rows_read,
            rows_accepted=rows[".parquet"],
            rows_quarantined=rows[".quarantine.parquet"],
            rows_superseded=load.rows_superseded,
            min_updated_at=load.min_updated_at,
            max_updated_at=load.max_updated_at,
            cursor_before=load.cursor_before,
            cursor_after=load.cursor_after,
            columns=load.columns,
            key_fingerprint=load.key_fingerprint,
            unknown_columns=load.unknown_columns,
            missing_optional_columns=load.missing_optional_columns,
            parquet=data_file(".parquet"),
            quarantine=data_file(".quarantine.parquet") if rows[".quarantine.parquet"] else None,
            manifest_path=str((folder / f"{stem}.manifest.json").relative_to(self.home)),
            rows_unchanged=load.rows_unchanged,
            snapshot_date=load.snapshot_date,
        )


def cannot_write(path: Path, error: Exception) -> LandingError:
    """The error for a disk that does not take what must be written."""
    return LandingError(
        f"{path}: cannot be written: {error}.",
        "Make room on that disk, or mend its permissions, and run again.",
    )


def _delivery(manifest: Manifest) -> tuple[str, ...]:
    return (manifest.connection, manifest.stream, manifest.file, manifest.file_sha256)


def _blocks(delivered: Path) -> Iterator[bytes]:
    """The bytes of a delivered file; its own read errors are told from those of our disk."""
    try:
        with delivered.open("rb") as file:
            while block := file.read(_COPY_BYTES):
                yield block
    except OSError as error:
        raise UnreadableDelivery(error.strerror or str(error)) from error

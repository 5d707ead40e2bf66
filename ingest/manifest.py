"""Manifest: the record of one load, written last; a load without one never happened.

Belongs here: what a manifest says, its JSON form, the row equation.
Does not: when it is written (`landing.py`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class DataFile:
    """A Parquet file of a load: path relative to the home, rows, sha256 of its bytes."""

    path: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Why the files of a load are not those that were landed.

    Attributes:
        pseudonym: what stands in the place of the person who was forgotten.
    """

    at: datetime
    reason: str
    pseudonym: str


@dataclass(frozen=True, slots=True)
class Load:
    """What is known of a load before its rows are written.

    Attributes:
        source: type of the source, as `files`.
        connection: the configured name of the source.
        file: path relative to the source's folder; for a sheet of a workbook `<file>#<sheet>`.
        mapping_hash: identifies the mapping the file was read with.
        rows_read: records of the file by an independent count.
        rows_superseded: records that repeat an accepted one of the same file word for word.
        key_fingerprint: identifies the names and types of the file's own columns.
        delivery_order: place among all deliveries; given when an older delivery is read again, else the next free one.
        rows_unchanged: records that came again word for word as they had landed before; they are no news and not among those read.
        cursor_before: where the read of an API stream started, and where the next one will, as JSON.
        snapshot_date: the day whose whole list the file is; it replaces the lists of that day and before.
    """

    source: str
    connection: str
    stream: str
    run_id: str
    extracted_at: datetime
    source_version: str
    file: str
    file_sha256: str
    mapping_hash: str
    delivered_bytes: int
    delivered_mtime_ns: int
    rows_read: int
    rows_superseded: int
    min_updated_at: datetime | None
    max_updated_at: datetime | None
    columns: tuple[str, ...]
    key_fingerprint: str
    unknown_columns: tuple[str, ...]
    missing_optional_columns: tuple[str, ...]
    delivery_order: int | None = None
    rows_unchanged: int = 0
    cursor_before: str | None = None
    cursor_after: str | None = None
    snapshot_date: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One durable load."""

    load_id: str
    source: str
    connection: str
    stream: str
    run_id: str
    extracted_at: datetime
    landed_at: datetime
    source_version: str
    file: str
    file_sha256: str
    mapping_hash: str
    delivered_bytes: int
    delivered_mtime_ns: int
    delivery_order: int
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_superseded: int
    min_updated_at: datetime | None
    max_updated_at: datetime | None
    cursor_before: str | None
    cursor_after: str | None
    columns: tuple[str, ...]
    key_fingerprint: str
    unknown_columns: tuple[str, ...]
    missing_optional_columns: tuple[str, ...]
    parquet: DataFile
    quarantine: DataFile | None
    manifest_path: str
    rows_unchanged: int = 0
    snapshot_date: str | None = None
    rewrites: tuple[Rewrite, ...] = ()

    def to_json(self) -> str:
        """The manifest as it is written."""
        content = {name: value for name, value in asdict(self).items() if name != "manifest_path"}
        return json.dumps(content, indent=1, ensure_ascii=False, default=_isoformat) + "\n"

    @classmethod
    def from_json(cls, text: str, manifest_path: str) -> Manifest:
        """Read what `to_json` wrote.

        Raises:
            ValueError: the text is no manifest.
        """
        try:
            content: dict[str, Any] = json.loads(text)
            known = {field.name for field in fields(cls)}
            values = {name: value for name, value in content.items() if name in known}
            for name in ("extracted_at", "landed_at", "min_updated_at", "max_updated_at"):
                values[name] = datetime.fromisoformat(values[name]) if values[name] else None
            for name in ("columns", "unknown_columns", "missing_optional_columns"):
                values[name] = tuple(values[name])
            values["rewrites"] = tuple(
                Rewrite(datetime.fromisoformat(note["at"]), note["reason"], note["pseudonym"]) for note in values.get("rewrites", ())
            )
            values["parquet"] = DataFile(**values["parquet"])
            values["quarantine"] = DataFile(**values["quarantine"]) if values["quarantine"] else None
            return cls(**values, manifest_path=manifest_path)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"it lacks {error}") from error


@dataclass(frozen=True, slots=True)
class LoadCount:
    """The rows of a load, counted again in its files.

    Attributes:
        is_readable: its files are there and are Parquet.
        problems: what does not agree with the manifest, in words; empty when all is well.
    """

    load_id: str
    connection: str
    stream: str
    file: str
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_superseded: int
    is_readable: bool
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Rows read = accepted + quarantined + superseded, and the files are those the manifest speaks of."""
        return not self.problems and self.rows_read == self.rows_accepted + self.rows_quarantined + self.rows_superseded


def _isoformat(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a manifest")

"""The manifest of a build: what went in, what came out, and what was found.

Belongs here: its fields, reading and writing it.
Does not: making the build (`publish.py`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self

MANIFEST = "manifest.json"


class ManifestUnreadable(Exception):
    """A build has no manifest, or one that is damaged."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A landing file that went into a build; its path is relative to the home."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """The settings that change a number. Named one by one: a manifest is readable by all, and a secret has no field to slip into."""

    reporting_currency: str
    time_zone: str
    calendar_id: str


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """A build before it is made.

    Attributes:
        build_id: sortable by time, such as `20260630T021503Z-1a2b3c`.
        as_of: status date of the metrics.
        known_at: only landing files that were there at this instant count.
        inputs: every landing file that counts.
    """

    build_id: str
    as_of: date
    known_at: datetime
    started_at: datetime
    code_version: str
    settings: BuildSettings
    inputs: tuple[InputFile, ...] = ()


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A published table: how many rows, and the hash of their content."""

    rows: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class ChecksSummary:
    """How many checks reported, by result."""

    passed: int
    warnings: int
    failed: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A build after it is made, as `manifest.json` holds it.

    Attributes:
        evidence: the rows behind the numbers, by table; a build of before there were any has none.
        watermarks: last event of each source, connection and stream (`source/connection/stream` -> instant or None).
        mappings: a fingerprint of each mapping, tolerance and threshold in force; a build of before there were any has none.
    """

    build_id: str
    code_version: str
    as_of: date
    known_at: datetime
    started_at: datetime
    finished_at: datetime
    settings: BuildSettings
    inputs: tuple[InputFile, ...]
    tables: dict[str, TableEntry]
    checks: ChecksSummary
    watermarks: dict[str, str | None]
    evidence: dict[str, TableEntry] = field(default_factory=dict)
    mappings: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of all published tables together."""
        return sum(table.rows for table in self.tables.values())

    def to_json(self) -> str:
        """The text of `manifest.json`; instants in UTC."""
        found = asdict(self)
        found["as_of"] = self.as_of.isoformat()
        for name in ("known_at", "started_at", "finished_at"):
            found[name] = getattr(self, name).astimezone(UTC).isoformat()
        return json.dumps(found, indent=2, ensure_ascii=False, sort_keys=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The manifest that `to_json` wrote; fields of a later version are passed over.

        Raises:
            ValueError, KeyError, TypeError: the text is no manifest.
        """
        found: dict[str, Any] = json.loads(text)
        known: dict[str, Any] = {item.name: found[item.name] for item in fields(cls) if item.name not in ("evidence", "mappings")}
        known["as_of"] = date.fromisoformat(found["as_of"])
        for name in ("known_at", "started_at", "finished_at"):
            known[name] = datetime.fromisoformat(found[name])
        known["settings"] = BuildSettings(**found["settings"])
        known["inputs"] = tuple(InputFile(**item) for item in found["inputs"])
        known["tables"] = {name: TableEntry(**entry) for name, entry in found["tables"].items()}
        known["evidence"] = {name: TableEntry(**entry) for name, entry in found.get("evidence", {}).items()}
        known["mappings"] = found.get("mappings", {})
        known["checks"] = ChecksSummary(**found["checks"])
        return cls(**known)


def read_manifest(build: Path) -> Manifest:
    """The manifest in a build's folder.

    Raises:
        ManifestUnreadable: it is missing or damaged.
    """
    path = build / MANIFEST
    try:
        return Manifest.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ManifestUnreadable(f"{path}: cannot be read as the manifest of a build ({error}).") from error

"""Entity rules: what the configuration says of one entity's files, checked and ready to read by.

Belongs here: preset and own keys as one, the hash that tells when a file must be read again, the day of a snapshot.
Does not: the keys and their types (`ingest/config.py`), single expressions (`mapping.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import PurePosixPath

from ingest.config import EntityMapping
from ingest.privacy import Treatment, treated_text
from ingest.protocol import Delivery
from ingest.sources.files.columns import Reading
from ingest.sources.files.dialect import PLAIN, Dialect
from ingest.sources.files.mapping import Expression, compile_mapping, mapping_hash
from ingest.sources.files.presets import with_preset

SNAPSHOT_DATE = "snapshot_date"
"""How an expression calls the day of the snapshot that it reads, a text as 2026-11-30."""
_DAY = re.compile(r"(?<!\d)(\d{4})([-_.]?)(\d{2})\2(\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class EntityRules:
    """How an entity's files are read; without a mapping as the file contract says."""

    dialect: Dialect = PLAIN
    expressions: Mapping[str, Expression] = field(default_factory=dict)
    set_aside: Mapping[str, Expression] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    is_snapshot: bool = False
    mapping_hash: str = mapping_hash({})
    classified: Mapping[str, Treatment] = field(default_factory=dict)

    def reading(self, snapshot_date: str | None, salt: str, hidden: frozenset[str]) -> Reading:
        """The same for one file.

        Args:
            hidden: columns of the file that feed a classified column of any of its entities.
        """
        values = {} if snapshot_date is None else {SNAPSHOT_DATE: snapshot_date}
        classified = {name: treated_text(treatment, salt) for name, treatment in self.classified.items()}
        return Reading(self.expressions, self.set_aside, self.optional, values, classified, hidden)

    @property
    def hidden(self) -> frozenset[str]:
        """Columns of a file that feed a classified column: those its expression reads, and one of its own name."""
        read = [name for column in self.classified if column in self.expressions for name in self.expressions[column].columns]
        return frozenset(name.lower() for name in (*self.classified, *read))


def entity_rules(source: str, entity: str, mapping: EntityMapping, classified: Mapping[str, Treatment] | None = None) -> EntityRules:
    """Lay a mapping over its preset and check every expression.

    Args:
        classified: column -> what happens to it before it lands.

    Raises:
        MappingError: an expression cannot be used.
    """
    whole = with_preset(mapping)
    delimiters = [whole.delimiter] if isinstance(whole.delimiter, str) else whole.delimiter
    dialect = Dialect(
        encoding=whole.encoding,
        delimiters=tuple(delimiter.encode() for delimiter in delimiters) if delimiters else PLAIN.delimiters,
        is_quoted=whole.quoted,
        header=tuple(whole.header),
    )
    # What only names the files or the preset changes no row, and a key that is not used changes no hash of an older version.
    reading = {key: value for key, value in whole.model_dump(exclude_defaults=True).items() if key not in ("preset", "files", "columns")}
    if classified:
        reading["classified"] = dict(classified)
    return EntityRules(
        dialect=dialect,
        expressions=compile_mapping(source, entity, whole.columns),
        set_aside=compile_mapping(source, f"{entity}.set_aside", {str(reason): sql for reason, sql in whole.set_aside.items()}),
        optional=tuple(whole.optional),
        is_snapshot=whole.snapshot,
        mapping_hash=mapping_hash(whole.columns, reading),
        classified=dict(classified or {}),
    )


def snapshot_day(delivery: Delivery) -> str:
    """The day of which a delivered list tells: the last date in its name (as 20261130 or 2026-11-30), else the day it was last written."""
    for year, _, month, day in reversed(_DAY.findall(PurePosixPath(delivery.file).name)):
        try:
            return date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue
    return datetime.fromtimestamp(delivery.mtime_ns / 1e9, UTC).date().isoformat()

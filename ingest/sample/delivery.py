"""How the sample is written: one file an entity in the columns of the contract, a folder of parts where an entity is large.

Belongs here: column order, text forms, file names, row counts.
Does not: any content.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl

from ingest.entities import DELETE_COLUMN, ENTITIES, Column, ColumnType

FileFormat = Literal["csv", "parquet"]

_TYPES: dict[ColumnType, pl.DataType] = {
    ColumnType.INTEGER: pl.Int64(),
    ColumnType.DECIMAL: pl.Float64(),
    ColumnType.BOOLEAN: pl.Boolean(),
    ColumnType.DATE: pl.Date(),
    ColumnType.INSTANT: pl.Datetime("ms", "UTC"),
}


class Delivery:
    """A folder that is being filled with the files of a sample."""

    def __init__(self, folder: Path, file_format: FileFormat) -> None:
        self._folder = folder
        self._format = file_format
        self._parts: dict[str, int] = {}
        self.rows: dict[str, int] = {}

    def write(self, entity: str, frame: pl.DataFrame, *, in_parts: bool = False) -> None:
        """Write rows of an entity.

        Args:
            in_parts: more rows of this entity follow or have come: the file becomes a part in a folder of the entity's name.

        Raises:
            ValueError: the entity is whole and gets a second file.
        """
        number = self._parts.get(entity, 0) + 1
        if number > 1 and not in_parts:
            raise ValueError(f"{entity} is written already")
        self._parts[entity] = number
        self.rows[entity] = self.rows.get(entity, 0) + frame.height
        path = self._folder / (f"{entity}/part-{number:04d}.{self._format}" if in_parts else f"{entity}.{self._format}")
        path.parent.mkdir(parents=True, exist_ok=True)
        shaped = _in_contract(entity, frame, keep_empty=in_parts)
        if self._format == "parquet":
            shaped.write_parquet(path, compression="zstd", statistics=True)
        else:
            shaped.write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ", time_format="%H:%M")


def _in_contract(entity: str, frame: pl.DataFrame, *, keep_empty: bool) -> pl.DataFrame:
    """The entity's columns in the order of the contract.

    Args:
        keep_empty: whether optional columns that nobody filled stay, as they must where all parts of an entity are to look alike.
    """
    columns = [*ENTITIES[entity].columns, *([DELETE_COLUMN] if "delete" in frame.columns else [])]
    missing = [column for column in columns if column.name not in frame.columns]
    if lacking := [column.name for column in missing if column.required]:
        raise ValueError(f"{entity} lacks {', '.join(lacking)}")
    whole = frame.with_columns(pl.lit(None, dtype=pl.String).alias(column.name) for column in missing)
    kept = [column for column in columns if column.required or keep_empty or whole[column.name].count()]
    return whole.select(_typed(column, whole.schema[column.name]) for column in kept)


def _typed(column: Column, found: pl.DataType) -> pl.Expr:
    """The column in the type of the contract; what is of no fixed type stays as it was made."""
    if column.type is ColumnType.INSTANT and found.is_temporal() and getattr(found, "time_zone", None) is None:
        return pl.col(column.name).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    wanted = _TYPES.get(column.type)
    return pl.col(column.name) if wanted is None else pl.col(column.name).cast(wanted)

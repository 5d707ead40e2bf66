"""Durable files: written aside, fsynced, renamed, and the folder fsynced.

Belongs here: the system calls that make a file survive a crash whole or not at all.
Does not: which files there are (`landing.py`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_BLOCK_BYTES = 8 << 20


def write_text(path: Path, text: str) -> None:
    """Write and fsync a small file."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def write_bytes(path: Path, content: bytes) -> None:
    """Write and fsync a file that fits into memory."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_parquet(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Write and fsync a Parquet file; the number of its rows."""
    rows = 0
    with path.open("wb") as file:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for batch in batches:
                # Not batch.cast(): it loads pyarrow.compute, a slow import, to find that the types are right.
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
                rows += batch.num_rows
        file.flush()
        os.fsync(file.fileno())
    return rows


def rename(aside: Path, path: Path) -> None:
    """Give a written file its name, durably. The file must have been fsynced."""
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder durable, those that are gone as well."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def make_folder(path: Path) -> None:
    """Make a folder and fsync each parent that gained an entry."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in reversed(missing):
        parent = os.open(folder.parent, os.O_RDONLY)
        try:
            os.fsync(parent)
        finally:
            os.close(parent)


def sha256(path: Path) -> str:
    """Hash of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def remove(paths: Iterable[Path]) -> None:
    """Remove files that may or may not be there."""
    for path in paths:
        path.unlink(missing_ok=True)

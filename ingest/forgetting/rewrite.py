"""Rewriting landing without a person: the only exception to its files being immutable.

Belongs here: loads, manifests and kept deliveries, each replaced whole by one with a pseudonym.
Does not: whose words they are (`person.py`), builds and databases (`dagster_project/forgetting.py`).

A file is written aside, fsynced and renamed; the manifest follows. A kill between the two leaves a file of which the manifest has the old
sha256: going on mends it, and until then nothing is built. `_payload_hash`, the name of a load and the sha256 of what was delivered stay,
so that what is delivered again word for word is still known and does not bring the person back.
"""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest import durable
from ingest.forgetting.person import Person
from ingest.landing import ASIDE, KEPT, Landing
from ingest.manifest import DataFile, Manifest, Rewrite
from ingest.sql import literal, quoted

OF_PMO = frozenset({"person_id", "owner_id", "sponsor_id", "manager_id", "respondent_id"})
"""Columns that hold a person of the PMO."""
OF_SOURCE = frozenset({"assignee", "reporter", "author", "person", "source_user_id", "from_value", "to_value"})
"""Columns that hold a user of the source that delivered them; of `identities` the one it names."""
_CONSTANT = frozenset({"_source", "_connection", "_stream", "_run_id", "_source_version", "_payload_hash"})
_BATCH_ROWS = 50_000
_EDGE = r"[^\p{L}\p{N}_]"


@dataclass(slots=True)
class Rewritten:
    """What was changed."""

    loads: int = 0
    deliveries: int = 0
    removed: int = 0


def _unheard(_: str) -> None:
    return None


def forget_in_landing(
    landing: Landing, person: Person, on_file: Callable[[str], None] = _unheard, *, is_resumed: bool = False
) -> Rewritten:
    """Put the pseudonym in the place of the person in all of landing. Doing it again goes on where it was.

    Args:
        on_file: called with each file that was changed, after it is durable.
        is_resumed: an earlier attempt was cut short, so a manifest may be behind its files.

    Raises:
        OSError: the disk does not take it; what is done stays done.
    """
    done = Rewritten()
    durable.remove(landing.root.rglob(f"{ASIDE}*"))
    for folder in sorted(landing.root.glob(f"*/*/{KEPT}")):
        for path in sorted(folder.iterdir()):
            _rewrite_delivery(path, person, done, on_file)
    for manifest in landing.manifests():
        _rewrite_load(landing.home, manifest, person, done, on_file, is_resumed=is_resumed)
    return done


def text_sql(column: str, person: Person) -> str:
    """SQL of a text with the pseudonym in the place of every name and address."""
    if not person.texts:
        return column
    words = "|".join(re.escape(text) for text in sorted(person.texts, key=len, reverse=True))
    pattern = literal(f"(^|{_EDGE})({words})($|{_EDGE})")
    put = literal(rf"\1{person.pseudonym}\3")
    # Twice: of two names with one blank between them the first match takes the blank.
    return f"regexp_replace(regexp_replace({column}, {pattern}, {put}, 'gi'), {pattern}, {put}, 'gi')"


def _rewrite_load(
    home: Path, manifest: Manifest, person: Person, done: Rewritten, on_file: Callable[[str], None], *, is_resumed: bool
) -> None:
    files = [file for file in (manifest.parquet, manifest.quarantine) if file is not None]
    changed = {file.path: _rewrite_parquet(home / file.path, manifest, person, on_file) for file in files}
    told = _said(manifest, person)
    # A file that differs for any other reason is damaged, and is to be found so.
    hashes = {file.path: durable.sha256(home / file.path) if changed[file.path] or is_resumed else file.sha256 for file in files}
    is_same = all(hashes[file.path] == file.sha256 for file in files)
    if is_same and told == manifest:
        return
    note = Rewrite(datetime.now(UTC), "a person was forgotten", person.pseudonym)

    def hashed(file: DataFile) -> DataFile:
        return replace(file, sha256=hashes[file.path])

    after = replace(
        told,
        parquet=hashed(manifest.parquet),
        quarantine=hashed(manifest.quarantine) if manifest.quarantine else None,
        rewrites=(*manifest.rewrites, note),
    )
    path = home / manifest.manifest_path
    aside = path.with_name(f"{ASIDE}{path.name}")
    durable.write_text(aside, after.to_json())
    durable.rename(aside, path)
    done.loads += 1
    on_file(path.name)


def _said(manifest: Manifest, person: Person) -> Manifest:
    """The manifest with nothing in it that names the person: a file's name may."""
    return replace(
        manifest,
        file=_replaced(manifest.file, person),
        columns=tuple(_replaced(column, person) for column in manifest.columns),
        unknown_columns=tuple(_replaced(column, person) for column in manifest.unknown_columns),
    )


def _rewrite_parquet(path: Path, manifest: Manifest | None, person: Person, on_file: Callable[[str], None]) -> bool:
    """Replace a Parquet file that names the person; whether it did."""
    schema = pq.read_schema(path)
    changes = {
        field.name: sql
        for field in schema
        if pa.types.is_string(field.type) and (sql := _cell_sql(field.name, manifest, person)) != quoted(field.name)
    }
    if not changes:
        return False
    relation = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
    differs = " or ".join(f"{sql} is distinct from {quoted(name)}" for name, sql in changes.items())
    with duckdb.connect(config={"memory_limit": "2GB"}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        if not connection.execute(f"select count(*) from {relation} where {differs}").fetchall()[0][0]:
            return False
        replaced = ", ".join(f"{sql} as {quoted(name)}" for name, sql in changes.items())
        batches = connection.execute(f"select * replace ({replaced}) from {relation}").to_arrow_reader(_BATCH_ROWS)
        aside = path.with_name(f"{ASIDE}{path.name}")
        durable.write_parquet(aside, schema, (batch.cast(schema) for batch in batches))
    durable.rename(aside, path)
    on_file(path.name)
    return True


def _cell_sql(column: str, manifest: Manifest | None, person: Person) -> str:
    """SQL of a cell without the person. A kept Parquet delivery has no manifest: its columns are nobody's, and only telling ids count."""
    if column in _CONSTANT:
        return quoted(column)
    if manifest is None:
        return text_sql(_equal_sql(quoted(column), person.telling_ids, person), person)
    users = person.users_of(manifest.connection)
    cell = quoted(column)
    if column in ("_record_id", "record"):
        ids = (*person.person_ids, *users, *(user for _, user in person.users if manifest.stream == "identities"))
        cell = f"array_to_string(list_transform(string_split({cell}, chr(31)), lambda part: {_equal_sql('part', ids, person)}), chr(31))"
    elif column in OF_PMO:
        cell = _equal_sql(cell, person.person_ids, person)
    elif column == "source_user_id":
        pairs = " or ".join(f"(source = {literal(source)} and {cell} = {literal(user)})" for source, user in person.users)
        cell = f"case when {pairs} then {literal(person.pseudonym)} else {cell} end" if pairs else cell
    elif column in OF_SOURCE:
        cell = _equal_sql(cell, users, person)
    elif column in ("payload", "cells", "value"):
        # A number says nothing of its own, and stands for hours in the next member.
        cell = _parts_sql(cell, person)
    return text_sql(cell, person)


def _equal_sql(cell: str, ids: tuple[str, ...], person: Person) -> str:
    if not ids:
        return cell
    listed = ", ".join(literal(name) for name in dict.fromkeys(ids))
    return f"case when {cell} in ({listed}) then {literal(person.pseudonym)} else {cell} end"


def _parts_sql(cell: str, person: Person) -> str:
    """SQL of a text that lists cells, as a record that could not be read: whole ones that are an id are replaced."""
    if not person.telling_ids:
        return cell
    ids = "|".join(re.escape(name) for name in sorted(person.telling_ids, key=len, reverse=True))
    pattern = literal(rf"(^|[\s,;|\"])({ids})($|[\s,;|\"])")
    put = literal(rf"\1{person.pseudonym}\3")
    return f"regexp_replace(regexp_replace({cell}, {pattern}, {put}, 'g'), {pattern}, {put}, 'g')"


def _rewrite_delivery(path: Path, person: Person, done: Rewritten, on_file: Callable[[str], None]) -> None:
    """A kept delivery: text and Parquet are rewritten, a workbook that names the person is removed."""
    name = path.name.lower()
    if name.endswith(".parquet"):
        if _rewrite_parquet(path, None, person, on_file):
            done.deliveries += 1
        nested = [quoted(field.name) for field in pq.read_schema(path) if not pa.types.is_string(field.type)]
        if nested and _names_in(path, nested, person):
            path.unlink()
            done.removed += 1
    elif name.endswith(".xlsx"):
        if any(_names(text, person) for text in _workbook_texts(path)):
            path.unlink()
            done.removed += 1
            on_file(path.name)
    else:
        content = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
        encoding = _encoding(content)
        text = content.decode(encoding)
        rewritten = _replaced(text, person, ids=True)
        if rewritten != text:
            aside = path.with_name(f"{ASIDE}{path.name}")
            durable.write_bytes(aside, gzip.compress(rewritten.encode(encoding)) if name.endswith(".gz") else rewritten.encode(encoding))
            durable.rename(aside, path)
            done.deliveries += 1
            on_file(path.name)
    if path.exists() and (renamed := _replaced(path.name, person)) != path.name:
        durable.rename(path, path.with_name(renamed))


def _names_in(path: Path, columns: list[str], person: Person) -> bool:
    """Whether nested values of a Parquet file name the person."""
    tests = []
    for text in (f"cast({column} as varchar)" for column in columns):
        tests.append(f"{text_sql(text, person)} is distinct from {text}")
        tests += [f"contains({text}, {literal(name)})" for name in person.telling_ids]
    with duckdb.connect() as connection:
        question = f"select count(*) from read_parquet({literal(str(path))}) where {' or '.join(tests)}"
        return bool(connection.execute(question).fetchall()[0][0])


def _workbook_texts(path: Path) -> Iterator[str]:
    """The texts of a workbook; one that is none says all of its bytes."""
    try:
        with zipfile.ZipFile(path) as book:
            for part in book.namelist():
                if part.endswith(".xml"):
                    yield re.sub(r"<[^>]*>", "\n", book.read(part).decode("utf-8", "replace"))
    except zipfile.BadZipFile:
        yield path.read_bytes().decode("latin-1")


def _encoding(content: bytes) -> str:
    """One in which the text goes there and back byte by byte."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16-le" if content.startswith(b"\xff\xfe") else "utf-16-be"
    for encoding in ("utf-8", "utf-16-le" if content[:200].count(0) * 4 > len(content[:200]) else "cp1252"):
        try:
            if content.decode(encoding).encode(encoding) == content:
                return encoding
        except UnicodeError:
            continue
    return "latin-1"


def _pattern(person: Person) -> re.Pattern[str]:
    words = "|".join(re.escape(text) for text in sorted(person.texts, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)


def _names(text: str, person: Person) -> bool:
    return _replaced(text, person, ids=True) != text


def _replaced(text: str, person: Person, *, ids: bool = False) -> str:
    """A text with the pseudonym in the place of names and addresses, and of whole cells that are an id."""
    if person.texts:
        text = _pattern(person).sub(person.pseudonym, text)
    if ids and person.telling_ids:
        listed = "|".join(re.escape(name) for name in sorted(person.telling_ids, key=len, reverse=True))
        text = re.sub(rf"(?<![^\s,;|\"])(?:{listed})(?![^\s,;|\"])", person.pseudonym, text)
    return text

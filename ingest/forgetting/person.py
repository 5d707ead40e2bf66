"""The person to be forgotten: by which ids, names and addresses landing knows them.

Belongs here: finding those words, and the journal that keeps them until all is done.
Does not: changing anything (`rewrite.py`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest import durable
from ingest.landing import Landing
from ingest.manifest import Manifest
from ingest.privacy import home_salt, json_path
from ingest.protocol import PermanentError
from ingest.registry import api_stream_types
from ingest.sql import literal

_PSEUDONYM_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Person:
    """What is to be forgotten.

    Attributes:
        asked: the word that the person was asked for by.
        pseudonym: what stands in the place of every id, name and address; the same each time, so that the person's rows stay together.
        person_ids: in the PMO's own ids.
        users: source and user id of each identity.
        texts: names and addresses, wherever they stand in a text.
        is_landing_done: landing holds none of it any more.
        builds: ids of the published builds that hold the person.
    """

    asked: str
    pseudonym: str
    person_ids: tuple[str, ...] = ()
    users: tuple[tuple[str, str], ...] = ()
    texts: tuple[str, ...] = ()
    is_landing_done: bool = False
    builds: tuple[str, ...] = ()

    def users_of(self, source: str) -> tuple[str, ...]:
        """The person's user ids in a source."""
        return tuple(user for name, user in self.users if name == source)

    @property
    def telling_ids(self) -> tuple[str, ...]:
        """Ids that are more than a number: these are looked for outside of the columns of people, too."""
        ids = dict.fromkeys([*self.person_ids, *(user for _, user in self.users)])
        return tuple(name for name in ids if not re.fullmatch(r"[\d.\-]*", name))


def journal_path(home: Path) -> Path:
    """Where the words stand while a person is being forgotten. Nothing else in the home holds them when it is gone."""
    return home / "state" / "forgetting.json"


def read_journal(home: Path) -> Person | None:
    """The person whose forgetting has begun and not ended."""
    path = journal_path(home)
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    return Person(
        found["asked"],
        found["pseudonym"],
        tuple(found["person_ids"]),
        tuple((source, user) for source, user in found["users"]),
        tuple(found["texts"]),
        found["is_landing_done"],
        tuple(found["builds"]),
    )


def write_journal(home: Path, person: Person) -> None:
    """Keep the words durably, for this user's eyes only."""
    path = journal_path(home)
    durable.make_folder(path.parent)
    aside = path.with_name(".tmp-forgetting")
    aside.touch(mode=0o600)
    durable.write_text(aside, json.dumps(asdict(person), ensure_ascii=False))
    durable.rename(aside, path)


def refuse_half_forgotten(home: Path) -> None:
    """Nothing is built from a landing in which a person is forgotten in one file and not in the next.

    Raises:
        PermanentError: a forgetting was cut short in landing.
    """
    person = read_journal(home)
    if person is not None and not person.is_landing_done:
        raise PermanentError(
            "A person is half forgotten: pmo forget was cut short.",
            "End it with the same command (pmo forget PERSON); it goes on where it was.",
            "Nothing was read; the published build is unchanged.",
        )


def find_person(landing: Landing, asked: str, texts: Iterable[str] = ()) -> Person:
    """Whom landing knows by an id of the PMO, a name or an e-mail address.

    Args:
        texts: what else names the person, as an earlier name.

    Raises:
        PermanentError: nobody, or several people.
    """
    people = set(_rows(landing, "people", "person_id", "name", "email"))
    meant = asked.strip().lower()
    found = {person_id for person_id, *words in people if person_id == asked or meant in [str(word).lower() for word in words if word]}
    if len(found) > 1:
        listed = ", ".join(sorted(map(str, found)))
        raise PermanentError(f"{len(found)} people are called so: {listed}.", "Name one by its person_id.", "Nothing was changed.")
    identities = set(_rows(landing, "identities", "source", "source_user_id", "person_id"))
    ids = found or {person_id for _, user, person_id in identities if asked in (user, person_id)}
    if not ids and not list(texts):
        raise PermanentError(
            f"Nobody in people or identities has the id, name or address {asked!r}.",
            "Name the person by the person_id; or, if only texts speak of them, give the words with --text.",
            "Nothing was changed.",
        )
    words = [str(word) for person_id, *both in people if person_id in ids for word in both if word]
    users = {(str(source), str(user)) for source, user, person_id in identities if person_id in ids and source and user}
    users |= _users_by_address(landing, [word for word in words if "@" in word])
    words += _names_of_users(landing, users)
    spelled = dict.fromkeys(spelling for word in [*words, *texts] for spelling in _spellings(word.strip()) if spelling)
    digest = hashlib.sha256((home_salt(landing.home) + "\x1f" + (min(map(str, ids)) if ids else asked)).encode()).hexdigest()
    return Person(
        asked, f"forgotten-{digest[:_PSEUDONYM_CHARACTERS]}", tuple(sorted(map(str, ids))), tuple(sorted(users)), tuple(sorted(spelled))
    )


def _spellings(word: str) -> Iterator[str]:
    """A name as it is, and with the family name first."""
    yield word
    given, _, family = word.rpartition(" ")
    if given and "@" not in word and "," not in word:
        yield f"{family}, {given}"
        yield f"{family} {given}"


def _rows(landing: Landing, entity: str, *columns: str) -> list[tuple[Any, ...]]:
    """Columns of an entity in all its versions."""
    loads = [load for load in landing.manifests() if (load.source, load.stream) == ("files", entity) and load.parquet.rows]
    files = [landing.home / load.parquet.path for load in loads]
    return _query(f"select distinct {', '.join(columns)} from read_parquet([{_listed(files)}], union_by_name = true)") if files else []


def _users_by_address(landing: Landing, addresses: list[str]) -> set[tuple[str, str]]:
    """Accounts of systems that tell the person's e-mail address beside their id."""
    found: set[tuple[str, str]] = set()
    for load, path in _personal_paths(landing):
        folder, _, name = path.rpartition(".")
        if "mail" not in name.lower() or not addresses:
            continue
        ids = ", ".join(literal(json_path(f"{folder}.{key}" if folder else key)) for key in ("accountId", "id", "login"))
        listed = ", ".join(literal(address.lower()) for address in addresses)
        address = f"lower(json_extract_string(payload, {literal(json_path(path))}))"
        rows = _query(
            f"select distinct unnest(json_extract_string(payload, [{ids}])) as user"
            f" from read_parquet({literal(str(landing.home / load.parquet.path))}) where {address} in ({listed})"
        )
        found |= {(load.connection, str(user)) for (user,) in rows if user}
    return found


def _names_of_users(landing: Landing, users: set[tuple[str, str]]) -> list[str]:
    """How systems call those accounts."""
    found: list[str] = []
    for load, path in _personal_paths(landing):
        ids = [user for source, user in users if source == load.connection]
        folder, _, name = path.rpartition(".")
        if not ids or not any(word in name.lower() for word in ("name", "mail")):
            continue
        holder = f"json_extract(payload, {literal(json_path(folder))})" if folder else "payload"
        known = " or ".join(f"contains(cast({holder} as varchar), {literal(json.dumps(user, ensure_ascii=False))})" for user in ids)
        numbers = [user for user in ids if user.isdecimal()]
        if numbers:
            listed = ", ".join(literal(user) for user in numbers)
            known += f" or json_extract_string({holder}, '$.id') in ({listed})"
        rows = _query(
            f"select distinct json_extract_string(payload, {literal(json_path(path))}) as name"
            f" from read_parquet({literal(str(landing.home / load.parquet.path))}) where {known}"
        )
        found += [str(word) for (word,) in rows if word]
    return found


def _personal_paths(landing: Landing) -> Iterator[tuple[Manifest, str]]:
    """Every load of a system, with each path of personal data that its stream names."""
    streams = {(type_, stream.name): stream.personal for type_, kinds in api_stream_types().items() for stream in kinds}
    for load in landing.manifests():
        for path in streams.get((load.source, load.stream), ()) if load.parquet.rows else ():
            # Whoever stands in a list of a record stands outside of one in another: in the list of users, or as an assignee.
            if "[" not in path:
                yield load, path


def _listed(files: Iterable[Path]) -> str:
    return ", ".join(literal(str(file)) for file in files)


def _query(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()

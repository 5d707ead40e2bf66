"""`pmo forget`, step by step: landing without the person, a build without the person, and nothing else left.

Belongs here: the order of the steps, the lock, what is thrown away, the last look through the home.
Does not: single files of landing (`ingest/forgetting`), the job (`launch.py`).
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from dagster_project.paths import Home
from ingest import durable
from ingest.config import Settings
from ingest.forgetting.person import Person, find_person, journal_path, read_journal, write_journal
from ingest.forgetting.rewrite import Rewritten, forget_in_landing
from ingest.landing import Landing
from ingest.protocol import PermanentError
from reports.builds import list_builds, remove
from reports.holding import holds_any
from reports.lock import RunLock

_NOBODY = "\x00"
"""The name of no source: a run that is to read this alone reads none."""
_BLOCK_BYTES = 8 << 20
_LONGEST_NAME = 4096
_PACKED = frozenset({".parquet", ".duckdb", ".gz", ".xlsx"})


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done.

    Attributes:
        removed_builds: published builds that held the person.
        left: files of the home in which a name or address still stands, and the current build if it holds the person.
    """

    pseudonym: str
    rewritten: Rewritten
    removed_builds: tuple[str, ...]
    left: tuple[str, ...]


def begin(settings: Settings, asked: str, texts: Sequence[str], on_file: Callable[[str], None]) -> tuple[Person, Rewritten]:
    """Rewrite landing without the person, and throw away all that was computed from it but the published builds.

    Raises:
        PermanentError: nobody is called so, or another forgetting was cut short; nothing was changed.
        LockHeld: a run is in progress; nothing was changed.
    """
    home = Home(settings.home)
    with RunLock(home.root, "pmo forget"):
        landing = Landing(home.root)
        person = read_journal(home.root)
        is_resumed = person is not None
        if person is None:
            person = find_person(landing, asked, texts)
            write_journal(home.root, person)
        elif asked not in (person.asked, *person.person_ids):
            raise PermanentError(
                "Another person is half forgotten.", f"End that first: its words are in {journal_path(home.root)}.", "Nothing was changed."
            )
        rewritten = forget_in_landing(landing, person, on_file, is_resumed=is_resumed)
        person = replace(person, is_landing_done=True, builds=tuple(_holding(home, person)))
        write_journal(home.root, person)
        _discard(home)
    return person, rewritten


def finish(settings: Settings, person: Person, rewritten: Rewritten) -> Forgotten:
    """After a build without the person is published: remove every build that holds them, look through the home, drop the journal."""
    home = Home(settings.home)
    with RunLock(home.root, "pmo forget"):
        holding = _holding(home, person)
        remove(home.root, holding)
        spellings = _spellings(person.texts)
        if any(_names_any(path, spellings) for path in _files(home.dagster)):
            # The log of runs tells of rows that failed a check; it is a log and no data.
            shutil.rmtree(home.dagster)
        journal = journal_path(home.root)
        left = tuple(str(path.relative_to(home.root)) for path in _files(home.root) if path != journal and _names_any(path, spellings))
        left += tuple(f"published/builds/{build.path.name}" for build in list_builds(home.root) if build.manifest.build_id in holding)
        if not left:
            journal.unlink()
            durable.sync_folder(journal.parent)
    return Forgotten(person.pseudonym, rewritten, tuple(holding), left)


def status_date(settings: Settings) -> date | None:
    """The status date of the published build, which the new one takes over; None if nothing is published."""
    now = next((build for build in list_builds(settings.home) if build.is_current), None)
    return now.manifest.as_of if now is not None else None


def read_nothing() -> tuple[str, ...]:
    """The sources of a run that builds from landing alone."""
    return (_NOBODY,)


def _holding(home: Home, person: Person) -> list[str]:
    """Ids of the published builds that hold the person."""
    builds = list_builds(home.root)
    return [build.manifest.build_id for build in builds if holds_any(build.path, person.person_ids, person.telling_ids, person.texts)]


def _discard(home: Home) -> None:
    """The warehouse and what the last run left beside it: all of it is made anew by the next one."""
    shutil.rmtree(home.work, ignore_errors=True)


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _spellings(texts: Iterable[str]) -> re.Pattern[bytes] | None:
    """Names and addresses as files have them: UTF-8, UTF-16, an old encoding, escaped in JSON; as whole words, whatever their case."""
    spelled = {
        word
        for text in texts
        for word in (
            text.lower().encode(),
            text.lower().encode("utf-16-le"),
            text.lower().encode("cp1252", "ignore"),
            json.dumps(text.lower()).strip('"').encode(),
        )
    }
    listed = b"|".join(re.escape(word) for word in sorted(spelled, key=len, reverse=True))
    return re.compile(rb"(?<![a-z0-9])(?:" + listed + rb")(?![a-z0-9])") if spelled else None


def _names_any(path: Path, spellings: re.Pattern[bytes] | None) -> bool:
    """Whether a file, or its name, holds one of the spellings. Packed files hold bytes and no words; they were read as what they are."""
    if spellings is None:
        return False
    if spellings.search(path.name.lower().encode()):
        return True
    if path.suffix in _PACKED:
        return False
    before = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            seen = before + block.lower()
            if spellings.search(seen):
                return True
            before = seen[-_LONGEST_NAME:]
    return False

"""The inbox: where deliveries are durable before anybody is told that they are.

Belongs here: the file `inbox/inbox.sqlite3`, one commit for all deliveries that wait for it, known keys, what waits to be landed.
Does not: HTTP (`receiver.py`), landing (`drain.py`).

SQLite's write-ahead log is the append-only file with one fsync a batch that an inbox needs, with recovery after a torn write, several
processes and known keys by index; none of it is better written again. A commit is durable when it returns (`synchronous = full`).
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from ingest import durable
from ingest.events.errors import InboxUnavailable
from ingest.events.settings import Kind

FOLDER: Final = "inbox"
DATABASE: Final = "inbox.sqlite3"
BATCH_DELIVERIES: Final = 500
BATCH_BYTES: Final = 8 << 20
"""In one commit at the most: a burst is acknowledged in slices and not all at its end."""
GATHER_SECONDS: Final = 0.003
"""How long the first delivery of a commit waits for others: a commit a delivery would keep the disk busy with nothing but itself."""
LOG_PAGES: Final = 8_000
"""The write-ahead log is folded into the database when it has some 32 MB."""
FOLD_SECONDS: Final = 1.0
BUSY_SECONDS: Final = 10.0
_Asked = tuple["Delivery", "asyncio.Future[bool]"]

_SCHEMA: Final = """
    create table if not exists identity (inbox text not null);
    create table if not exists known (source text not null, key text not null, primary key (source, key)) without rowid;
    create table if not exists batches (
        number integer primary key autoincrement, first_us integer not null, last_us integer not null, deliveries blob not null
    );
    create table if not exists tally (accepted integer not null, drained integer not null);
    insert into tally select 0, 0 where not exists (select 1 from tally);
"""
# One statement for a whole batch, whatever its size: the interpreter's lock is let go in each, and to get it back from a busy event loop
# takes milliseconds. With two statements a delivery, 60 deliveries took half a second.
_ALREADY_KNOWN: Final = """
    select json_group_array(asked.key)
    from json_each(?) as asked
    inner join known on known.source = json_extract(asked.value, '$[0]') and known.key = json_extract(asked.value, '$[1]')
"""
_LEARN: Final = """
    insert into known select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(?) where true on conflict do nothing
"""


class Delivery(msgspec.Struct, frozen=True, array_like=True):
    """One delivery that has been proved genuine.

    Attributes:
        source: the source it speaks of.
        key: by which it is known when it comes again.
        event: what the sender's headers call it; empty where the body says so.
        received_us: microseconds since 1970.
    """

    source: str
    kind: Kind
    key: str
    event: str
    received_us: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries of one commit that have not landed yet. `number` is its place among all that ever were; it is never used twice."""

    number: int
    deliveries: list[Delivery]


class Inbox:
    """The inbox of a home, for one thread."""

    def __init__(self, home: Path) -> None:
        """Open it, or make it.

        Raises:
            InboxUnavailable: it cannot be opened.
        """
        self._path = home / FOLDER / DATABASE
        try:
            if not self._path.parent.exists():
                durable.make_folder(self._path.parent)
                self._path.parent.chmod(0o700)  # bodies are nobody else's business
            self._db = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            self._db.execute("pragma journal_mode = wal")
            # Bodies hold what people wrote: what is deleted is overwritten.
            self._db.executescript(f"pragma synchronous = full; pragma secure_delete = on; pragma wal_autocheckpoint = {2 * LOG_PAGES}")
            with self._transaction():
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                if self._db.execute("select count(*) from identity").fetchone()[0] == 0:
                    self._db.execute("insert into identity values (?)", (uuid.uuid4().hex,))
            self.identity = str(self._db.execute("select inbox from identity").fetchone()[0])
        except (sqlite3.Error, OSError) as error:
            raise InboxUnavailable(f"{self._path}: {error}") from error

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._db.close()

    def add(self, deliveries: Sequence[Delivery]) -> list[bool]:
        """Make deliveries durable in one commit; for each whether it is new. When this returns they survive anything.

        Raises:
            InboxUnavailable: none of them was kept.
        """
        asked = [(delivery.source, delivery.key) for delivery in deliveries]
        keys = msgspec.json.encode(asked).decode()
        try:
            with self._transaction():
                known = {asked[place] for place in json.loads(self._db.execute(_ALREADY_KNOWN, (keys,)).fetchone()[0])}
                added = []
                for pair in asked:
                    added.append(pair not in known)
                    known.add(pair)
                new = [delivery for delivery, is_new in zip(deliveries, added, strict=True) if is_new]
                if new:
                    self._db.execute(_LEARN, (keys,))
                    times = [delivery.received_us for delivery in new]
                    row = (min(times), max(times), _PACK.encode(new))
                    self._db.execute("insert into batches (first_us, last_us, deliveries) values (?, ?, ?)", row)
                    self._db.execute("update tally set accepted = accepted + ?", (len(new),))
        except sqlite3.Error as error:
            raise InboxUnavailable(f"{self._path}: {error}") from error
        return added

    def remember(self, source: str, keys: Iterable[str]) -> None:
        """Count keys as known without a delivery: those that landed before this inbox was made."""
        with self._transaction():
            self._db.executemany("insert into known values (?, ?) on conflict do nothing", ((source, key) for key in keys))

    def depth(self) -> int:
        """Deliveries that are acknowledged and have not landed.

        Raises:
            InboxUnavailable: it cannot be read.
        """
        try:
            return int(self._db.execute("select accepted - drained from tally").fetchone()[0])
        except sqlite3.Error as error:
            raise InboxUnavailable(f"{self._path}: {error}") from error

    def is_new(self) -> bool:
        """Whether it has never taken a delivery, nor remembers one."""
        tables = ("known", "sqlite_sequence")
        known, numbered = (self._db.execute(f"select exists (select 1 from {table})").fetchone()[0] for table in tables)
        return not known and not numbered

    def span(self) -> tuple[int, int] | None:
        """When the oldest and the newest waiting delivery came, in microseconds since 1970; None if nothing waits."""
        first, last = self._db.execute("select min(first_us), max(last_us) from batches").fetchone()
        return (int(first), int(last)) if first is not None else None

    def waiting(self, after: int = 0) -> Iterator[Batch]:
        """What waits in the order of arrival, from behind a number, one batch in memory at a time."""
        while True:
            row = self._db.execute("select number, deliveries from batches where number > ? order by number limit 1", (after,)).fetchone()
            if row is None:
                return
            after = int(row[0])
            yield Batch(after, _UNPACK.decode(row[1]))

    def forget(self, batch: Batch, left: Sequence[Delivery] = ()) -> None:
        """Remove what has landed of a batch; the keys stay known.

        Args:
            left: deliveries of the batch that stay.
        """
        # A batch at a time: the receiver waits for no more than that.
        with self._transaction():
            if left:
                changed = self._db.execute("update batches set deliveries = ? where number = ?", (_PACK.encode(list(left)), batch.number))
            else:
                changed = self._db.execute("delete from batches where number = ?", (batch.number,))
            if changed.rowcount:
                self._db.execute("update tally set drained = drained + ?", (len(batch.deliveries) - len(left),))

    def fold(self) -> None:
        """Fold the log into the database, so that it does not grow without end.

        First what can be done beside the writers, which is nearly all of it; only the rest makes them wait.
        """
        try:
            _, pages, _ = self._db.execute("pragma wal_checkpoint(passive)").fetchone()
            if pages > LOG_PAGES:
                self._db.execute("pragma wal_checkpoint(restart)").fetchone()
        except sqlite3.Error as error:
            raise InboxUnavailable(f"{self._path}: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
            self._db.execute("commit")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("rollback")
            raise


_PACK: Final = msgspec.msgpack.Encoder()
_UNPACK: Final = msgspec.msgpack.Decoder(list[Delivery])


def exists(home: Path) -> bool:
    """Whether a home has an inbox; one without a receiver has none, and looking makes none."""
    return (home / FOLDER / DATABASE).exists()


def depth(home: Path) -> int:
    """Deliveries that wait in a home; 0 where there is no inbox.

    Raises:
        InboxUnavailable: it cannot be read.
    """
    if not exists(home):
        return 0
    inbox = Inbox(home)
    try:
        return inbox.depth()
    finally:
        inbox.close()


class Committer:
    """Group commit: a thread that makes durable whatever has come while the commit before was on its way to the disk.

    Attributes:
        commits: how many wrote something, each with one fsync.
    """

    def __init__(self, home: Path, loop: asyncio.AbstractEventLoop) -> None:
        """Open the inbox.

        Raises:
            InboxUnavailable: it cannot be opened.
        """
        self._home = home
        self._loop = loop
        self._inbox: Inbox | None = Inbox(home)
        self._changed = threading.Condition()
        self._queue: list[_Asked] = []
        self._is_closing = False
        self._stopped = threading.Event()
        self.commits = 0
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._thread.start()
        self._folder = threading.Thread(target=self._fold, name="inbox log", daemon=True)
        self._folder.start()

    async def add(self, delivery: Delivery) -> bool:
        """Return when the delivery is durable, and say whether it is new.

        Raises:
            InboxUnavailable: it was not kept.
        """
        answer: asyncio.Future[bool] = self._loop.create_future()
        with self._changed:
            self._queue.append((delivery, answer))
            self._changed.notify()
        return await answer

    def close(self) -> None:
        """Finish what was asked for, then stop."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._stopped.set()
        self._thread.join()
        self._folder.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._queue and not self._is_closing:
                    self._changed.wait()
            if not self._is_closing:
                time.sleep(GATHER_SECONDS)
            with self._changed:
                size = _batch_size(self._queue)
                batch, self._queue = self._queue[:size], self._queue[size:]
            if not batch:
                break
            outcome = self._commit([delivery for delivery, _ in batch])
            # The whole batch wakes the loop once.
            with suppress(RuntimeError):  # the loop is gone: nobody waits for the answers any more
                self._loop.call_soon_threadsafe(_answer, [answer for _, answer in batch], outcome)
        if self._inbox is not None:
            self._inbox.close()

    def _fold(self) -> None:
        """Keep the log short, in a thread and over a connection of its own."""
        folded = 0
        while not self._stopped.wait(FOLD_SECONDS):
            if self.commits == folded:
                continue
            folded = self.commits
            with suppress(InboxUnavailable):  # a full disk: those who deliver are told
                inbox = Inbox(self._home)
                try:
                    inbox.fold()
                finally:
                    inbox.close()

    def _commit(self, deliveries: list[Delivery]) -> list[bool] | InboxUnavailable:
        try:
            if self._inbox is None:
                self._inbox = Inbox(self._home)
            added = self._inbox.add(deliveries)
        except InboxUnavailable as error:
            # After an error of the disk nothing that was open can be relied on.
            if self._inbox is not None:
                self._inbox.close()
                self._inbox = None
            return error
        self.commits += any(added)
        return added


def _batch_size(queue: Sequence[_Asked]) -> int:
    """How many of those that wait go into the next commit: one at least."""
    size = 0
    for count, (delivery, _) in enumerate(queue[:BATCH_DELIVERIES]):
        size += len(delivery.body)
        if count and size > BATCH_BYTES:
            return count
    return min(len(queue), BATCH_DELIVERIES)


def _answer(answers: list[asyncio.Future[bool]], outcome: list[bool] | InboxUnavailable) -> None:
    for place, answer in enumerate(answers):
        if answer.done():
            continue  # the sender has gone away
        if isinstance(outcome, InboxUnavailable):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome[place])


def now_us() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1_000

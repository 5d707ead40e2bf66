"""The inbox: what was acknowledged is there after anything, once."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from ingest.events.errors import InboxUnavailable
from ingest.events.inbox import BATCH_BYTES, Committer, Delivery, Inbox, depth, exists


def delivery(key: str, source: str = "tracker", body: bytes = b"{}", received_us: int = 1) -> Delivery:
    return Delivery(source, "jira", key, "", received_us, body)


def held(inbox: Inbox) -> list[str]:
    return [each.key for batch in inbox.waiting() for each in batch.deliveries]


def test_a_delivery_is_new_once(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    assert inbox.add([delivery("a"), delivery("b"), delivery("a")]) == [True, True, False]
    assert inbox.add([delivery("b"), delivery("c")]) == [False, True]
    assert inbox.add([delivery("a", source="other")]) == [True]
    assert held(inbox) == ["a", "b", "c", "a"]
    assert inbox.depth() == 4


def test_known_keys_survive_a_restart_and_a_drain(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    inbox.add([delivery("a"), delivery("b")])
    for batch in inbox.waiting():
        inbox.forget(batch)
    inbox.close()
    again = Inbox(tmp_path)
    assert again.identity == inbox.identity
    assert again.depth() == 0
    assert again.add([delivery("a"), delivery("c")]) == [False, True]
    assert held(again) == ["c"]
    assert depth(tmp_path) == 1


def test_numbers_are_never_used_twice(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    inbox.add([delivery("a")])
    (first,) = inbox.waiting()
    inbox.forget(first)
    inbox.add([delivery("b")])
    (second,) = inbox.waiting()
    assert second.number > first.number


def test_what_stays_of_a_batch_stays(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    inbox.add([delivery("a"), delivery("b", source="gone")])
    (batch,) = inbox.waiting()
    inbox.forget(batch, [batch.deliveries[1]])
    assert held(inbox) == ["b"]
    assert inbox.depth() == 1


def test_a_body_comes_out_as_it_went_in(tmp_path: Path) -> None:
    body = '{"größe": "项目 \\u0000", "n": 1}'.encode()
    inbox = Inbox(tmp_path)
    inbox.add([delivery('quoted "key" \\ 项目', body=body)])
    (batch,) = inbox.waiting()
    assert batch.deliveries == [delivery('quoted "key" \\ 项目', body=body)]


def test_the_time_of_the_oldest_and_the_newest(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    assert inbox.span() is None
    inbox.add([delivery("a", received_us=5)])
    inbox.add([delivery("b", received_us=9), delivery("c", received_us=3)])
    assert inbox.span() == (3, 9)


def test_only_this_user_may_look_into_the_inbox(tmp_path: Path) -> None:
    Inbox(tmp_path).close()
    assert (tmp_path / "inbox").stat().st_mode & 0o077 == 0


def test_looking_makes_no_inbox(tmp_path: Path) -> None:
    assert not exists(tmp_path)
    assert depth(tmp_path) == 0
    assert not (tmp_path / "inbox").exists()


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "inbox.sqlite3").write_bytes(b"no database at all, but long enough to look like one" * 100)
    with pytest.raises(InboxUnavailable, match=r"inbox\.sqlite3"):
        Inbox(tmp_path)


def test_a_commit_that_was_torn_leaves_what_was_whole(tmp_path: Path) -> None:
    """The log cut off in the last commit, as after a power cut; SQLite's own checksums find where."""
    inbox = Inbox(tmp_path)
    inbox.add([delivery("a")])
    log = tmp_path / "inbox" / "inbox.sqlite3-wal"
    whole = log.stat().st_size
    inbox.add([delivery("b")])
    files = {path.name: path.read_bytes() for path in (tmp_path / "inbox").iterdir()}
    inbox.close()
    other = tmp_path / "other" / "inbox"
    other.mkdir(parents=True)
    (other / "inbox.sqlite3").write_bytes(files["inbox.sqlite3"])
    (other / "inbox.sqlite3-wal").write_bytes(files[log.name][: whole + 3000])
    torn = Inbox(tmp_path / "other")
    assert held(torn) == ["a"]
    assert torn.depth() == 1
    assert torn.add([delivery("b"), delivery("a")]) == [True, False]


def test_a_batch_that_does_not_fit_is_refused_whole_and_the_next_one_is_taken(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    inbox.add([delivery("a")])
    pages = inbox._db.execute("pragma page_count").fetchone()[0]
    inbox._db.execute(f"pragma max_page_count = {pages + 2}")
    with pytest.raises(InboxUnavailable, match="full"):
        inbox.add([delivery("b"), delivery("c", body=b"x" * 100_000)])
    assert held(inbox) == ["a"]
    assert inbox.depth() == 1
    inbox._db.execute("pragma max_page_count = 100000")
    assert inbox.add([delivery("b")]) == [True]


def test_deliveries_that_wait_together_share_a_commit(tmp_path: Path) -> None:
    async def deliver() -> tuple[list[bool], int]:
        committer = Committer(tmp_path, asyncio.get_running_loop())
        answers = await asyncio.gather(*(committer.add(delivery(str(number % 60))) for number in range(120)))
        await asyncio.to_thread(committer.close)
        return answers, committer.commits

    answers, commits = asyncio.run(deliver())
    assert sum(answers) == 60
    assert depth(tmp_path) == 60
    assert commits < 60


def test_large_deliveries_do_not_all_share_one_commit(tmp_path: Path) -> None:
    async def deliver() -> int:
        committer = Committer(tmp_path, asyncio.get_running_loop())
        body = b'"' + b"x" * (BATCH_BYTES // 2) + b'"'
        await asyncio.gather(*(committer.add(delivery(str(number), body=body)) for number in range(4)))
        await asyncio.to_thread(committer.close)
        return committer.commits

    assert asyncio.run(deliver()) >= 2


def test_after_an_error_the_inbox_is_opened_anew(tmp_path: Path) -> None:
    async def deliver() -> bool:
        committer = Committer(tmp_path, asyncio.get_running_loop())
        assert committer._inbox is not None
        committer._inbox._db.execute("pragma max_page_count = 1")
        with pytest.raises(InboxUnavailable):
            await committer.add(delivery("a", body=b"x" * 50_000))
        taken = await committer.add(delivery("a"))
        await asyncio.to_thread(committer.close)
        return taken

    assert asyncio.run(deliver())
    assert depth(tmp_path) == 1


def test_the_log_is_folded_into_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.events.inbox.LOG_PAGES", 2)
    inbox = Inbox(tmp_path)
    inbox.add([delivery(str(number), body=b"x" * 5_000) for number in range(20)])
    inbox.fold()
    with sqlite3.connect(f"file:{tmp_path / 'inbox' / 'inbox.sqlite3'}?immutable=1", uri=True) as alone:
        assert alone.execute("select count(*) from known").fetchone() == (20,)
    alone.close()

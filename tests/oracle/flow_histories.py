"""Seeded random histories of work items, with everything that makes flow hard.

Belongs here: reopened, skipped, discarded, deleted and event-less items, events at one instant, before the creation, out of order and after
the status date, moves inside one category, parts of seconds, days on which the clocks change.
Does not: what the metrics of such a history are (`flow.py`, the models).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from tests.oracle.flow import Item, StatusEvent

CATEGORY_OF = {
    "New": "backlog",
    "Groomed": "backlog",
    "Selected": "committed",
    "In development": "active",
    "In review": "active",
    "Blocked": "waiting",
    "With vendor": "waiting",
    "Released": "done",
    "Accepted": "done",
    "Rejected": "discarded",
}
KINDS = ("feature", "task", "defect")
_PATH = ("New", "Groomed", "Selected", "In development", "In review", "Blocked", "In review", "Released")


def random_items(seed: int, count: int, projects: Sequence[str], start: datetime, end: datetime) -> list[Item]:
    """Items of several projects with their histories between two instants; the same seed gives the same items."""
    return drawn_items(Random(seed), count, projects, start, end)


def drawn_items(random: Random, count: int, projects: Sequence[str], start: datetime, end: datetime) -> list[Item]:
    """The same from any source of chance, such as Hypothesis."""
    numbers = iter(range(7, 7 + 40 * count))
    return [_item(random, f"R-{number}", random.choice(projects), _between(random, start, end), numbers) for number in range(count)]


def _item(random: Random, item_id: str, project_id: str, created_at: datetime, numbers: Iterator[int]) -> Item:
    style = random.choice(("{}", "{}-{}", "E{}", "h{}.{}"))
    events: list[StatusEvent] = []
    status = first = random.choice(("New", "New", "New", "Selected"))
    moment = created_at
    for _ in range(random.choice((0, 1, 2, 4, 6, 9, 12))):
        following = _next(random, status)
        moment += _pause(random)
        occurred_at = created_at - timedelta(hours=3) if random.random() < 0.02 else moment
        identity = style.format(next(numbers), random.randint(1, 12))
        left = None if not events and random.random() < 0.1 else status
        events.append(StatusEvent(identity, occurred_at, left, following))
        status = following
    random.shuffle(events)
    present = status if events else random.choice((first, first, "Released", "In development"))
    return Item(
        item_id=item_id,
        project_id=project_id,
        kind=random.choice(KINDS),
        status=present,
        created_at=created_at,
        is_deleted=random.random() < 0.04,
        events=tuple(events),
    )


def _next(random: Random, status: str) -> str:
    """Mostly one step on; else a jump to any status."""
    if status in _PATH[:-1] and random.random() < 0.7:
        return _PATH[_PATH.index(status) + 1]
    return random.choice([other for other in CATEGORY_OF if other != status])


def _pause(random: Random) -> timedelta:
    """Nothing at all, minutes, or days; at times to a part of a second."""
    kind = random.random()
    if kind < 0.2:
        return timedelta()
    if kind < 0.5:
        return timedelta(seconds=random.randint(1, 20_000))
    return timedelta(seconds=random.randint(1, 12 * 86_400), microseconds=random.choice((0, 0, 123_000)))


def _between(random: Random, start: datetime, end: datetime) -> datetime:
    return (start + timedelta(seconds=random.randint(0, int((end - start).total_seconds())))).astimezone(UTC)

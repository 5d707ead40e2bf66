"""Lists: how Tempo pages.

Belongs here: next links, the row of a worklog.
Does not: what a stream reads (`worklogs.py`, `approvals.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from ingest.http import HttpClient
from ingest.protocol import SchemaError

LIMIT: Final = 1000


class _Metadata(msgspec.Struct):
    next: str | None = None


class _Listed(msgspec.Struct):
    results: list[msgspec.Raw]
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


def pages(client: HttpClient, path: str, params: Mapping[str, Any] | None = None, allow: Sequence[int] = ()) -> Iterator[list[bytes]]:
    """Rows by page, along the links that the answers give; nothing if the status is one of `allow`.

    Raises:
        SchemaError: a link leads back to where we were.
        PermanentError: a link leads to another address.
    """
    seen: set[str] = set()
    answer = client.get(path, {**(params or {}), "limit": LIMIT}, allow=allow)
    while answer.status not in allow:
        listed = answer.decode(_Listed)
        yield [bytes(row) for row in listed.results]
        following = listed.metadata.next
        if not following:
            return
        if following in seen:
            raise SchemaError(
                f"{answer.what}: the link to the next page leads back to a page that was read.",
                "Report it to Tempo: reading on would never end.",
                "What was read before is kept, the cursor has not moved; the published build is unchanged.",
            )
        seen.add(following)
        answer = client.get(following, allow=allow)

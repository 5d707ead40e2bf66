"""The source protocol: what every source is to the pipeline, whatever system stands behind it.

Belongs here: the interface of a source, what it reports of a read, the typed errors.
Does not: how a source reads (`sources/<type>/`), how a batch becomes durable (`landing.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar

from ingest.landing import Landing
from ingest.manifest import Manifest

Progress = Callable[[str, int], None]
"""Called with the name of what was just read and its number of rows."""


class SourceError(Exception):
    """Something a source could not do, in the three sentences a reader needs.

    Attributes:
        what: what is wrong and where.
        remedy: what to do about it.
        effect: what happened to the data because of it.
    """

    def __init__(self, what: str, remedy: str, effect: str) -> None:
        super().__init__(f"{what}\n{remedy}\n{effect}")
        self.what = what
        self.remedy = remedy
        self.effect = effect


class TransientError(SourceError):
    """May pass by itself: the only kind that is retried."""


class PermanentError(SourceError):
    """Stays until somebody changes something; a retry is useless.

    Attributes:
        status: of the answer that said so, where it came over HTTP.
    """

    status: int | None = None


class AuthError(SourceError):
    """The source does not let us in, or lets us in as somebody else."""


class SchemaError(SourceError):
    """What was delivered does not have the shape of the contract; the delivery is rejected whole."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Whether a source can be read, and as whom or from where.

    Attributes:
        facts: what else is worth knowing before the first read: time zone, scopes, fields found, rows, requests and minutes of a full read.
    """

    name: str
    ok: bool
    identity: str
    detail: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file that waits to be landed.

    Attributes:
        file: path relative to the source's folder.
        path: where its bytes are; a kept copy in landing, when an older delivery is read again under a changed mapping.
        streams: the entities it feeds that do not have this content yet.
        sha256: of the bytes; empty when they could not be read.
        size: bytes.
        mtime_ns: when it was last written.
        is_kept: the bytes come from landing, not from the folder.
    """

    file: str
    path: Path
    streams: tuple[str, ...]
    sha256: str
    size: int
    mtime_ns: int
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A delivery of which nothing was loaded."""

    file: str
    stream: str
    reason: str


@dataclass(frozen=True, slots=True)
class Drift:
    """A delivery that differs from the contract without harm: `kind` is `unknown_column`, `unknown_file` or `unknown_sheet`."""

    file: str
    stream: str
    column: str
    kind: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a read that is no error and that somebody should look at: a warning of the gate.

    Attributes:
        kind: a word for all findings of this kind, as `hidden_records`.
        records: keys of some records that it is about.
    """

    stream: str
    kind: str
    message: str
    records: tuple[str, ...] = ()


@dataclass(slots=True)
class IngestResult:
    """What one read of a source did."""

    loads: list[Manifest] = field(default_factory=list)
    rejected: list[RejectedFile] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of days to read again, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a read beside what is new.

    Attributes:
        full_refresh: from the beginning, comparing all keys. Files are always compared by content.
        window: only the records of these days.
        named: stream -> ids of records to read even where no list shows them: those that events named.
        named_until: the mark of these events, which the read leaves behind when it has fetched them (`events/landed.py`).
    """

    full_refresh: bool = False
    window: Window | None = None
    named: Mapping[str, Sequence[str]] = field(default_factory=dict)
    named_until: int = 0


AS_USUAL = Order()


class Source(ABC):
    """A configured source."""

    type: ClassVar[str]
    name: str
    optional: bool

    @abstractmethod
    def check(self) -> CheckResult:
        """Whether the source answers, and who it takes us for."""

    @abstractmethod
    def streams(self) -> list[str]:
        """Names of the streams (entities) this source may deliver."""

    def pending(self, landing: Landing, *, trust_mtime: bool = False) -> list[Delivery]:
        """Files that are there now and not landed yet; a system with an API has none.

        Args:
            trust_mtime: take a file of unchanged size and time of writing for unchanged, without reading it (for a frequent look).
        """
        return []

    @abstractmethod
    def ingest(
        self,
        landing: Landing,
        run_id: str,
        extracted_at: datetime,
        on_progress: Progress | None = None,
        order: Order = AS_USUAL,
    ) -> IngestResult:
        """Land everything that is new.

        A delivery that cannot be used is in `rejected`; the others go on.

        Raises:
            SourceError: the source as a whole cannot be read.
            ingest.landing.LandingError: landing cannot be written (a full disk); the load in hand left no trace.
        """

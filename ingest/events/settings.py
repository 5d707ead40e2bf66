"""The section `[events]` of `pmo.toml`.

Belongs here: the address of the receiver, its endpoints, what each must have.
Does not: how a delivery is proved (`signatures.py`), what a delivery names (`hints.py`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, SecretStr

from ingest.sections import Secret, Section, SourceName

Kind = Literal["jira", "github", "gitlab", "redmine", "standard"]
OWN_PATHS: Final = ("/healthz", "/metrics")
STANDARD_PREFIX: Final = "whsec_"
STREAMS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "jira": ("issues", "worklogs", "sprints", "versions"),
    "github": ("issues", "milestones"),
    "gitlab": ("issues", "milestones"),
    "redmine": ("issues", "time_entries", "versions"),
    "standard": (),
}
"""The streams whose records the payloads of a kind name."""


def _path(value: str) -> str:
    if not value.startswith("/") or value.endswith("/") or any(character in value for character in "?#{} %\\"):
        raise ValueError(f"{value!r} is no path; write it as /events/jira-main")
    if value in OWN_PATHS:
        raise ValueError(f"{value} is the receiver's own; choose another path")
    return value


def _usable(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value()
    if secret.startswith(STANDARD_PREFIX):
        try:
            base64.b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True)
        except binascii.Error:
            raise ValueError(f"a secret that begins with {STANDARD_PREFIX} goes on in base64, and this one does not") from None
    return value


class EndpointSettings(Section):
    """Where one system delivers.

    Attributes:
        source: the name of the source that the deliveries speak of.
        kind: how they are signed and what they look like.
        secret: what the system signs with.
        records: stream -> JSON path of the ids in a delivery (`issue.id`, `items[].id`), beside what `kind` knows itself.
    """

    path: Annotated[str, AfterValidator(_path)]
    source: SourceName
    kind: Kind
    secret: Annotated[Secret, AfterValidator(_usable)]
    records: dict[str, str] = Field(default_factory=dict)

    def streams(self) -> set[str]:
        """The streams whose records its deliveries can name."""
        return {*STREAMS[self.kind], *self.records}


class EventsSettings(Section):
    """The receiver. Port 0 lets the system choose one."""

    host: str = "127.0.0.1"
    port: int = Field(default=8787, ge=0, le=65535)
    endpoints: list[EndpointSettings] = Field(default_factory=list)

    def of(self, source: str) -> list[EndpointSettings]:
        """The endpoints that speak of a source."""
        return [endpoint for endpoint in self.endpoints if endpoint.source == source]

    def problems(self, sources: Sequence[str]) -> Iterator[tuple[int, str, str]]:
        """What does not fit the rest of the configuration: place of the endpoint, key and message."""
        for place, endpoint in enumerate(self.endpoints):
            if endpoint.source not in sources:
                known = ", ".join(sources) or "none"
                yield place, "source", f"`source`: no source is called {endpoint.source} (configured: {known})"
            if any(endpoint.path == other.path for other in self.endpoints[:place]):
                yield place, "path", f"`path`: {endpoint.path} is taken; each endpoint needs a path of its own"

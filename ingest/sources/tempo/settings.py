"""Settings of a Tempo source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field

from ingest.config import ApiSourceConfig, Secret, SourceConfig, SourceName


class TempoConfig(ApiSourceConfig):
    """`type = "tempo"`.

    Attributes:
        jira: name of the Jira source whose issues and people the worklogs name.
        site: address of that Jira, as `https://example.atlassian.net`; empty is the one that the first worklogs named.
        activity_attribute: key of the work attribute that says what kind of work it was, as `_WorkType_`; empty is the name of the account.
    """

    type: Literal["tempo"]
    base_url: str = "https://api.tempo.io/4"
    token: Secret
    jira: SourceName
    site: str | None = Field(default=None, pattern="^https?://[^/]+$")
    activity_attribute: str | None = None

    def problems(self, others: Sequence[SourceConfig]) -> Iterator[tuple[str, str]]:
        """A `jira` that there is not: hours that both of them tell would count twice."""
        names = [other.name for other in others]
        if self.jira not in names:
            yield "jira", f"`jira`: no source is called {self.jira} (configured beside: {', '.join(names) or 'none'})"

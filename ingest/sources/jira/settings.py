"""The keys of a Jira source in `pmo.toml`, beside those of every source with an API."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ingest.config import ApiSourceConfig, Secret

ProjectKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
"""It becomes a part of a query."""
FieldName = Annotated[str, StringConstraints(min_length=1)]


class JiraConfig(ApiSourceConfig):
    """`type = "jira"`.

    Attributes:
        user: whose token it is (Cloud: the e-mail address). Without it the token is sent as a bearer token (personal access token, OAuth).
        projects: keys; none: all that the account may see.
        story_points_field, sprint_field, severity_field: id or name of a custom field; the first two are found by themselves where there is
            no choice.
        work_day: whose calendar says the day of an hour that was logged: the offset that the entry carries, or its author's time zone.
    """

    type: Literal["jira"]
    deployment: Literal["cloud", "data_center"] = "cloud"
    token: Secret
    user: str | None = None
    projects: list[ProjectKey] = Field(default_factory=list)
    story_points_field: FieldName | None = None
    sprint_field: FieldName | None = None
    severity_field: FieldName | None = None
    work_day: Literal["offset", "author"] = "offset"
    # An epoch in a query is exact, a date as text ends at the minute: an overlap shorter than two is none.
    overlap_minutes: int = Field(default=10, ge=2)

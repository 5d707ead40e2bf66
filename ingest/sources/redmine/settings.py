"""Configuration of a Redmine: its keys in `pmo.toml` beside those of every source with an API."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest.config import ApiSourceConfig, Secret


class RedmineConfig(ApiSourceConfig):
    """`type = "redmine"`.

    Attributes:
        api_key: of the account that reads.
        user: login of that account; another one is refused.
        projects: identifiers; all that the account sees if empty.
        versions_are: whether the PMO plans with Redmine's versions as releases only, or as sprints too.
        story_points_field: name of the custom field of issues that holds the points.
        billable_field: name of the custom field of time entries that says whether they are billed.
    """

    type: Literal["redmine"]
    api_key: Secret
    user: str | None = None
    projects: list[str] = Field(default_factory=list)
    versions_are: Literal["sprints", "releases"] = "releases"
    story_points_field: str = "Story points"
    billable_field: str = "Billable"

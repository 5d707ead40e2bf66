"""The keys of a GitHub source in `pmo.toml`.

Belongs here: the keys and what they may be.
Does not: what is read with them (`source.py`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ingest.config import ApiSourceConfig, Secret

Repository = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$")]


class GitHubConfig(ApiSourceConfig):
    """`type = "github"`.

    Attributes:
        repositories: as `owner/name`.
        status_label_prefix: labels that begin so are statuses of open issues; without it an issue is open or closed.
    """

    type: Literal["github"]
    base_url: str = "https://api.github.com"
    token: Secret
    repositories: list[Repository] = Field(min_length=1)
    status_label_prefix: str = ""

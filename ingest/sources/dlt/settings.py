"""The keys of a dlt source in `pmo.toml`.

Belongs here: the keys and what they may be.
Does not: how a resource is read (`stream.py`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ingest.config import ApiSourceConfig, Secret

Attribute = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]


class DltConfig(ApiSourceConfig):
    """`type = "dlt"`.

    Attributes:
        resource: `module:name` of a dlt resource, or of a function that gives one.
        arguments: what the function is called with.
        secrets: arguments that are secrets.
        primary_key: columns that name a row; without them those that the resource names.
        updated_at: the column that says when a row was last changed.
        since_argument: the argument that takes the instant from which on changes are wanted; without it every read is a whole one.
    """

    type: Literal["dlt"]
    base_url: str = ""
    resource: Attribute
    arguments: dict[str, str | int | float | bool] = Field(default_factory=dict)
    secrets: dict[str, Secret] = Field(default_factory=dict)
    primary_key: list[str] = Field(default_factory=list)
    updated_at: str | None = None
    since_argument: str | None = None

"""Settings of a PingCode source."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest.config import ApiSourceConfig, Secret, TimeZone


class PingCodeConfig(ApiSourceConfig):
    """`type = "pingcode"`.

    Attributes:
        base_url: `https://open.pingcode.com`, or `https://<host>/open` of a private deployment.
        projects: ids; empty are all that the app may see.
        area: how the project area is called in paths; newer deployments say `pjm`.
        team: id, name or domain of the team that must answer; empty is the one that answered first.
        time_zone: of the team: report days are cut to its midnight.
    """

    type: Literal["pingcode"]
    client_id: str = Field(min_length=1)
    client_secret: Secret
    projects: list[str] = Field(default_factory=list)
    area: Literal["project", "pjm"] = "project"
    team: str | None = None
    time_zone: TimeZone = "Asia/Shanghai"

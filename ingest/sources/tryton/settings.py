"""The keys of a `tryton` source in `pmo.toml`, beside those of every source with an API."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from ingest.config import ApiSourceConfig, Secret


class TrytonConfig(ApiSourceConfig):
    """`type = "tryton"`: one company of one database.

    Attributes:
        company: its id.
        without: streams that this database cannot give, because their module is not activated.
    """

    type: Literal["tryton"]
    database: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$")]
    key: Secret
    company: int = Field(ge=1)
    without: list[str] = Field(default_factory=list)

    @field_validator("without")
    @classmethod
    def _names_streams(cls, names: list[str]) -> list[str]:
        # Imported here: `--help` reads the settings of every type.
        from ingest.sources.tryton.streams import STREAMS  # noqa: PLC0415

        known = [stream.name for stream in STREAMS]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(f"there is no stream {', '.join(unknown)}; use of: {', '.join(known)}")
        return names

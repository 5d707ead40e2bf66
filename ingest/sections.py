"""Sections: what every part of the configuration is made of.

Belongs here: the strict model, secrets by reference, names of sources.
Does not: any key of `pmo.toml` (`config.py`, `events/settings.py`, `sources/<type>/settings.py`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, StringConstraints, ValidationInfo


class Section(BaseModel):
    """A table of `pmo.toml`: no unknown key, no silent conversion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _secret(value: object, info: ValidationInfo) -> object:
    """The secret that a reference leads to. One that leads nowhere is a finding of `config.py`; here it is an empty secret."""
    if not isinstance(value, dict):
        return SecretStr("")
    if "env" in value:
        return SecretStr(os.environ.get(str(value["env"]), ""))
    file = Path((info.context or {}).get("base_dir", ".")) / Path(str(value.get("file", ""))).expanduser()
    try:
        return SecretStr(file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return SecretStr("")


Secret = Annotated[SecretStr, BeforeValidator(_secret)]
"""A secret in `pmo.toml`: `{ env = "NAME" }` or `{ file = "path" }` of mode 600, never the value itself."""

SourceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""A source's name becomes a folder of the landing and part of keys: letters, digits, `.`, `_`, `-`."""

"""Presets: mappings of well-known exports that a user names in one line.

Belongs here: one TOML file a preset, with the keys of a mapping; finding it, and laying the user's own keys over it.
Does not: what the keys mean (`ingest/config.py`), how a file is read by them (`readers.py`, `mapping.py`).
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.config import EntityMapping

_FOLDER = Path(__file__).parent


def preset_names() -> list[str]:
    """Names of the presets of this version."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def preset_entity(name: str) -> str:
    """The entity that a preset feeds."""
    return str(_read(name)["entity"])


def with_preset(mapping: EntityMapping) -> EntityMapping:
    """A mapping with what its preset says wherever it says nothing itself; `columns` and `set_aside` are laid over key by key."""
    if mapping.preset is None:
        return mapping
    own = mapping.model_dump(exclude_unset=True)
    shipped = {key: value for key, value in _read(mapping.preset).items() if key != "entity"}
    for key in ("columns", "set_aside"):
        own[key] = {**shipped.get(key, {}), **own.get(key, {})}
    return type(mapping).model_validate({**shipped, **own})


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))

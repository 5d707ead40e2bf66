"""Privacy: what is taken out of a record before it lands.

Belongs here: dropping and hashing values at JSON paths, as SQL over a payload.
Does not: which paths a stream has (`streams.py`), which of them a PMO classifies (`config.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from ingest.sql import literal

Treatment = Literal["hash", "drop"]
HASH_CHARACTERS: Final = 32
"""Of a SHA-256 in hexadecimal: 128 bits, no two people meet."""


def treated(payload: str, treatments: Mapping[str, Treatment], salt: str) -> str:
    """SQL of a payload without what is to be dropped, and with hashes for what is to be hashed.

    A path that a payload does not have changes nothing in it; without treatments the text stays as it came, byte by byte.

    Args:
        payload: SQL of the JSON text.
        treatments: JSON path (`fields.assignee.displayName`) -> treatment. Paths lead through objects, not through lists.
        salt: so that a hash cannot be looked up; one for a home, kept there.
    """
    dropped = [path for path, treatment in treatments.items() if treatment == "drop"]
    if dropped:
        # RFC 7396: null in a merge patch removes the member.
        payload = f"cast(json_merge_patch({payload}, {literal(json.dumps(_tree(dropped)))}) as varchar)"
    for path in sorted(path for path, treatment in treatments.items() if treatment == "hash"):
        value = f"json_extract_string({payload}, {literal(json_path(path))})"
        hashed = f"left(sha256({literal(salt)} || {value}), {HASH_CHARACTERS})"
        patch = f"to_json({hashed})"
        for name in reversed(path.split(".")):
            patch = f"json_object({literal(name)}, {patch})"
        payload = f"case when {value} is null then {payload} else cast(json_merge_patch({payload}, {patch}) as varchar) end"
    return payload


def json_path(path: str) -> str:
    """DuckDB's spelling of a path of names with dots between them."""
    return "$" + "".join(f'."{name}"' for name in path.split("."))


def _tree(paths: Iterable[str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path in sorted(paths, key=lambda path: path.count(".")):
        *folders, leaf = path.split(".")
        here: dict[str, Any] | None = tree
        for folder in folders:
            here = here.setdefault(folder, {}) if here is not None else None
        if here is not None:
            here[leaf] = None
    return tree

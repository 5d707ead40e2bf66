"""Privacy: what is taken out of a record before it lands.

Belongs here: dropping and hashing values at JSON paths, as SQL over a payload.
Does not: which paths a stream has (`streams.py`), which of them a PMO classifies (`config.py`).
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from ingest import durable
from ingest.sql import literal

_LIST: Final = re.compile(r"([^\[\]]+)\[([^\[\]]*)\]\.(.+)")
"""A path into a list: where it is, which of its items, and the way on from there."""

Treatment = Literal["hash", "drop"]
HASH_CHARACTERS: Final = 32
"""Of a SHA-256 in hexadecimal: 128 bits, no two people meet."""

_SALT_BYTES: Final = 32


def home_salt(home: Path) -> str:
    """The home's own salt for hashed fields and pseudonyms; made once."""
    path = home / "state" / "salt"
    if not path.exists():
        durable.make_folder(path.parent)
        aside = path.with_name(".tmp-salt")
        durable.write_text(aside, secrets.token_hex(_SALT_BYTES))
        aside.chmod(0o600)
        durable.rename(aside, path)
    return path.read_text(encoding="utf-8").strip()


def treated(payload: str, treatments: Mapping[str, Treatment], salt: str, *, depth: int = 0) -> str:
    """SQL of a payload without what is to be dropped, and with hashes for what is to be hashed.

    A path that a payload does not have changes nothing in it; without treatments the text stays as it came, byte by byte.

    Args:
        payload: SQL of the JSON text.
        treatments: JSON path (`fields.assignee.displayName`) -> treatment. `journals[].notes` leads through all items of a list,
            `details[name=description].value` through those whose member has that value.
        salt: so that a hash cannot be looked up; one for a home, kept there.
        depth: of lists within lists.
    """
    for (place, condition), inner in _by_list(treatments).items():
        payload = _treated_list(payload, place, condition, inner, salt, depth)
    plain = {path: treatment for path, treatment in treatments.items() if "[" not in path}
    dropped = [path for path, treatment in plain.items() if treatment == "drop"]
    if dropped:
        # RFC 7396: null in a merge patch removes the member.
        payload = f"cast(json_merge_patch({payload}, {literal(json.dumps(_tree(dropped)))}) as varchar)"
    for path in sorted(path for path, treatment in plain.items() if treatment == "hash"):
        value = f"json_extract_string({payload}, {literal(json_path(path))})"
        hashed = f"left(sha256({literal(salt)} || {value}), {HASH_CHARACTERS})"
        payload = f"case when {value} is null then {payload} else {_patched(payload, path, f'to_json({hashed})')} end"
    return payload


def cell(payload: str, path: str) -> str:
    """SQL of the text at a path; `custom_fields[id=7].value` is that of the first item of the list whose `id` is 7."""
    found = _LIST.fullmatch(path)
    if found is None:
        return f"json_extract_string({payload}, {literal(json_path(path))})"
    place, condition, rest = found.groups()
    items = f"json_extract({payload}, {literal(json_path(place) + '[*]')})"
    return cell(f"list_filter({items}, lambda item: {_holds('item', condition)})[1]", rest)


def treated_text(treatment: Treatment, salt: str) -> str:
    """SQL of a text that is dropped or hashed, over the text `{}`; the same text has the same hash, so keys still meet."""
    return "null::varchar" if treatment == "drop" else f"left(sha256({literal(salt)} || {{}}), {HASH_CHARACTERS})"


def json_path(path: str) -> str:
    """DuckDB's spelling of a path of names with dots between them."""
    return "$" + "".join(f'."{name}"' for name in path.split("."))


def _by_list(treatments: Mapping[str, Treatment]) -> dict[tuple[str, str], dict[str, Treatment]]:
    """The treatments that lead into a list: place of the list and condition of its items -> path in an item -> treatment."""
    lists: dict[tuple[str, str], dict[str, Treatment]] = {}
    for path, treatment in treatments.items():
        found = _LIST.fullmatch(path)
        if found is not None:
            place, condition, rest = found.groups()
            lists.setdefault((place, condition), {})[rest] = treatment
    return lists


def _treated_list(payload: str, place: str, condition: str, inner: Mapping[str, Treatment], salt: str, depth: int) -> str:
    item = f"item{depth}"
    changed = f"cast({treated(f'cast({item} as varchar)', inner, salt, depth=depth + 1)} as json)"
    if condition:
        changed = f"case when {_holds(item, condition)} then {changed} else {item} end"
    items = f"json_extract({payload}, {literal(json_path(place) + '[*]')})"
    patched = _patched(payload, place, f"to_json(list_transform({items}, lambda {item}: {changed}))")
    return f"case when json_type({payload}, {literal(json_path(place))}) = 'ARRAY' then {patched} else {payload} end"


def _patched(payload: str, path: str, value: str) -> str:
    """SQL of the payload with another value at a path."""
    for name in reversed(path.split(".")):
        value = f"json_object({literal(name)}, {value})"
    return f"cast(json_merge_patch({payload}, {value}) as varchar)"


def _holds(item: str, condition: str) -> str:
    name, _, value = condition.partition("=")
    return f"json_extract_string({item}, {literal(json_path(name))}) = {literal(value)}"


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

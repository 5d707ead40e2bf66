"""What is wrong with a configuration, and how it is said: every problem at once, each with its line, none with a secret.

Belongs here: the error, findings of types in the words of the configuration, the rules for secrets and addresses.
Does not: the keys and their types (`config.py`, `sources/<type>/settings.py`).
"""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from ingest.config_lines import KeyPath, LineIndex

SECRET_KEYS: Final = frozenset({"token", "client_secret", "api_key", "key", "password", "secret"})
"""Keys that hold a secret in any source or endpoint: a reference, never the value itself."""


class Problem(NamedTuple):
    """One thing wrong with the configuration: its line (0 = the file as a whole) and what to do."""

    line: int
    message: str


class ConfigError(Exception):
    """The configuration cannot be used; nothing was read or written. Lists every problem found."""

    def __init__(self, file: Path | None, problems: list[Problem]) -> None:
        self.file = file
        self.problems = sorted(problems)
        super().__init__("\n".join(self._line(problem) for problem in self.problems))

    def _line(self, problem: Problem) -> str:
        if self.file is None:
            return problem.message
        return f"{self.file}:{problem.line}: {problem.message}" if problem.line else f"{self.file}: {problem.message}"


def did_you_mean(word: str, known: Mapping[str, Any] | list[str]) -> str:
    """The end of a sentence about an unknown word: the one that is meant, else all that are known."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else f" (known: {', '.join(known)})"


def validation_problems(error: ValidationError, model: type[BaseModel], here: KeyPath, lines: LineIndex) -> Iterator[Problem]:
    """Pydantic's findings in the words of the configuration. Values are left out: one may be a secret."""
    for detail in error.errors(include_url=False, include_input=False):
        where: KeyPath = tuple(detail["loc"])
        if where and where[-1] in ("str", "list[str]"):
            where = where[:-1]
        key = ".".join(str(part) for part in where)
        line = lines.line((*here, *where))
        if detail["type"] == "extra_forbidden":
            yield Problem(line, f"unknown key `{key}`{did_you_mean(str(where[-1]), _keys_beside(model, where))}")
        elif detail["type"] == "missing":
            yield Problem(line, f"key `{key}` is missing")
        elif not where:
            for message in str(detail["ctx"]["error"]).split("; `"):
                path = message.lstrip("`").split("`", 1)[0]
                yield Problem(lines.line((*here, *path.split("."))), message if message.startswith("`") else f"`{message}")
        else:
            yield Problem(line, f"`{key}`: {detail['msg'].removeprefix('Value error, ')}")


def _keys_beside(model: type[BaseModel], where: KeyPath) -> list[str]:
    """The keys allowed in the table that holds the key at `where`."""
    current: Any = model
    for part in where[:-1]:
        field = current.model_fields.get(part)
        if field is not None:  # else a place in a list, or the name of an entity
            inner = get_args(field.annotation)
            current = inner[-1] if inner else field.annotation
    return list(current.model_fields)


def _tables(value: object, where: KeyPath = ()) -> Iterator[tuple[KeyPath, str, object]]:
    """Every key of the document with the path to it; expressions and secret references are leaves."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*where, key), key, inner
            if key not in ("columns", "set_aside") and key not in SECRET_KEYS:
                yield from _tables(inner, (*where, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _tables(inner, (*where, position))


def secret_problems(document: dict[str, Any], lines: LineIndex, base_dir: Path) -> Iterator[Problem]:
    """Secrets that are written out, or whose reference leads nowhere. Never shows a value."""
    for where, key, value in _tables(document):
        if key not in SECRET_KEYS:
            continue
        line = lines.line(where)
        if not isinstance(value, dict) or len(value) != 1 or next(iter(value)) not in ("env", "file"):
            yield Problem(line, f'`{key}` is a secret and is never written here: use {{ env = "NAME" }} or {{ file = "path" }}')
        elif "env" in value and not os.environ.get(str(value["env"])):
            yield Problem(line, f"`{key}`: the environment variable {value['env']} is not set")
        elif "file" in value:
            file = base_dir / Path(str(value["file"])).expanduser()
            if not file.is_file():
                yield Problem(line, f"`{key}`: there is no file {file}")
            elif stat.S_IMODE(file.stat().st_mode) & 0o077:
                yield Problem(line, f"`{key}`: others may read {file}; run: chmod 600 {file}")
            elif not _holds_text(file):
                yield Problem(line, f"`{key}`: {file} holds no text that this user can read")


def _holds_text(file: Path) -> bool:
    try:
        return bool(file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return False


def address_problems(document: dict[str, Any], lines: LineIndex) -> Iterator[Problem]:
    """Addresses that would send a secret in the clear."""
    for where, key, value in _tables(document):
        if key != "base_url" or not isinstance(value, str):
            continue
        address = urlsplit(value)
        is_loopback = address.hostname in ("localhost", "127.0.0.1", "::1")
        if address.scheme != "https" and not (address.scheme == "http" and is_loopback):
            yield Problem(
                lines.line(where), "`base_url` must begin with https:// (http:// only for this computer itself, as http://127.0.0.1)"
            )


def each_once(problems: list[Problem]) -> list[Problem]:
    """Each finding once: an inline secret is found by its own rule and as an unknown key of its source."""
    secret_lines = {problem.line for problem in problems if "is a secret" in problem.message}
    return [problem for problem in dict.fromkeys(problems) if problem.line not in secret_lines or "unknown key" not in problem.message]

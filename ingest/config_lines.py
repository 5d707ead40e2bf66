"""Where each key of a TOML text stands.

Belongs here: the way from a key path to a line number; `tomllib` keeps none.
Does not: what a key means (`config.py`).
"""

from __future__ import annotations

import tomllib

KeyPath = tuple[str | int, ...]


class LineIndex:
    """The line of every table and key of a TOML text that parses."""

    def __init__(self, text: str) -> None:
        self._lines: dict[KeyPath, int] = {}
        self._arrays: dict[KeyPath, int] = {}
        self._read(text.splitlines())

    def line(self, path: KeyPath) -> int:
        """The line of that key, else of the nearest table around it, else 1."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 1

    def _read(self, lines: list[str]) -> None:
        table: KeyPath = ()
        position = 0
        while position < len(lines):
            line = lines[position].strip()
            if not line or line.startswith("#"):
                position += 1
            elif line.startswith("["):
                table = self._table(line)
                self._lines.setdefault(table, position + 1)
                position += 1
            else:
                position = self._key(table, lines, position)

    def _table(self, header: str) -> KeyPath:
        """The path a `[table]` or `[[array]]` header stands for; inside an array it means the newest element."""
        names = _names(tomllib.loads(header))
        path: KeyPath = ()
        for depth, name in enumerate(names):
            path = (*path, name)
            if header.startswith("[[") and depth == len(names) - 1:
                self._arrays[path] = self._arrays.get(path, -1) + 1
            if path in self._arrays:
                path = (*path, self._arrays[path])
        return path

    def _key(self, table: KeyPath, lines: list[str], start: int) -> int:
        """Note the key at `start` and return the line after its value, which may span lines."""
        for end in range(start + 1, len(lines) + 1):
            try:
                value = tomllib.loads("\n".join(lines[start:end]))
            except tomllib.TOMLDecodeError:
                continue
            self._note(table, value, start + 1)
            return end
        return len(lines)

    def _note(self, path: KeyPath, value: object, line: int) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                self._lines.setdefault((*path, name), line)
                self._note((*path, name), inner, line)


def _names(value: object) -> list[str]:
    names: list[str] = []
    while value:
        if isinstance(value, list):
            value = value[0]
        if not isinstance(value, dict) or not value:
            break
        name, value = next(iter(value.items()))
        names.append(str(name))
    return names

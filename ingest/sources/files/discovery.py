"""Discovery: which file of a folder feeds which entity.

Belongs here: names, globs, folders and sheets; the rule that nothing outside the source's folder is read.
Does not: what is in a file (`readers.py`), which of them is new (`source.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ingest.config import FilesSourceConfig
from ingest.entities import ENTITIES
from ingest.sources.files.workbook import NotAWorkbook, sheet_names

FORMATS = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".ndjson": "ndjson",
    ".ndjson.gz": "ndjson",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
}
"""What is read, by the end of the name in lower case."""
MAPPED_FORMATS = FORMATS | {".txt": "csv", ".txt.gz": "csv", ".tsv": "csv", ".tsv.gz": "csv", ".dat": "csv", ".dat.gz": "csv"}
"""What is read where a pattern of the configuration names it: exports of other systems are called as they like."""
_BREAKS = "_-. (0123456789"
"""What may follow an entity's name in a file's name: `projects_2026.csv` is one of `projects`, `project_scopes.csv` is not."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An entity that a file feeds; of a workbook the sheet that does (None: the first)."""

    entity: str
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A file and what it feeds."""

    file: str
    path: Path
    claims: tuple[Claim, ...]
    unknown_sheets: tuple[str, ...] = ()


@dataclass(slots=True)
class Discovery:
    """All that was seen in a folder: usable files, refused ones with the reason, and those whose name says nothing."""

    found: list[Found] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def file_format(name: str) -> str | None:
    """The format a name promises, or None."""
    lowered = name.lower()
    return next((form for ending, form in MAPPED_FORMATS.items() if lowered.endswith(ending)), None)


def discover(config: FilesSourceConfig) -> Discovery:
    """Look through the folder of a source.

    Raises:
        OSError: the folder cannot be listed.
    """
    root = config.path.resolve(strict=True)
    seen = Discovery()
    for path in sorted(_candidates(root, config), key=lambda candidate: candidate.relative_to(root).as_posix()):
        file = path.relative_to(root).as_posix()
        entities = claimed_entities(config, file)
        is_workbook = not entities and file_format(file) == "xlsx"
        problem = _problem(root, path)
        if problem and (entities or is_workbook):
            seen.refused.append((file, " ".join(entities), problem))
        elif entities:
            seen.found.append(Found(file, path.resolve(), tuple(Claim(entity) for entity in entities)))
        elif is_workbook:
            _add_workbook(seen, file, path)
        elif not problem:
            seen.unknown.append(file)
    for entity, pattern in _patterns(config):
        if not _is_inside(pattern):
            seen.refused.append((pattern, entity, "the pattern leaves the source's folder"))
    return seen


def claimed_entities(config: FilesSourceConfig, file: str) -> tuple[str, ...]:
    """Entities that a file feeds by a configured pattern, else the one of its folder or name."""
    configured = tuple(
        dict.fromkeys(entity for entity, pattern in _patterns(config) if _is_inside(pattern) and _matches(PurePosixPath(file), pattern))
    )
    if configured:
        return configured
    path = PurePosixPath(file)
    if len(path.parts) > 1 and path.parts[0].lower() in ENTITIES:
        return (path.parts[0].lower(),)
    stem = path.name.lower()
    by_length = sorted(ENTITIES, key=len, reverse=True)
    named = next((name for name in by_length if stem.startswith(name) and stem[len(name)] in _BREAKS), None)
    return (named,) if named else ()


def _candidates(root: Path, config: FilesSourceConfig) -> set[Path]:
    """Files in the folder itself, in folders named as an entity, and what the configured patterns name."""
    candidates = {path for path in root.iterdir() if not path.is_dir() and _has_table_name(path)}
    for folder in root.iterdir():
        if folder.name.lower() in ENTITIES and folder.is_dir():
            candidates |= {path for path in folder.rglob("*") if not path.is_dir() and _has_table_name(path)}
    for _, pattern in _patterns(config):
        if _is_inside(pattern):
            candidates |= {path for path in root.glob(pattern) if not path.is_dir()}
    return {path for path in candidates if file_format(path.name) and not path.name.startswith((".", "~$"))}


def _has_table_name(path: Path) -> bool:
    return path.name.lower().endswith(tuple(FORMATS))


def _patterns(config: FilesSourceConfig) -> Iterator[tuple[str, str]]:
    for entity, mapping in config.entities.items():
        patterns = [mapping.files] if isinstance(mapping.files, str) else mapping.files or []
        for pattern in patterns:
            yield entity, pattern


def _is_inside(pattern: str) -> bool:
    path = PurePosixPath(pattern)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _matches(file: PurePosixPath, pattern: str) -> bool:
    """Whether a relative path fits a pattern from its first part to its last; `**` stands for any folders."""
    return _fits(file.parts, PurePosixPath(pattern).parts)


def _fits(parts: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    if not patterns:
        return not parts
    if patterns[0] == "**":
        return any(_fits(parts[skipped:], patterns[1:]) for skipped in range(len(parts) + 1))
    return bool(parts) and PurePosixPath(parts[0]).match(patterns[0]) and _fits(parts[1:], patterns[1:])


def _problem(root: Path, path: Path) -> str | None:
    """Why a path is not to be read: it leads out of the folder, or to nothing that is a file."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        return f"it cannot be read ({getattr(error, 'strerror', None) or error})"
    if not target.is_relative_to(root):
        return "it is a link that leaves the source's folder"
    return None if target.is_file() else "it is no regular file"


def _add_workbook(seen: Discovery, file: str, path: Path) -> None:
    """A workbook of any name feeds the entities that its sheets are named after."""
    try:
        sheets = sheet_names(path)
    except (NotAWorkbook, OSError) as error:
        seen.refused.append((file, "", str(error)))
        return
    claims = tuple(Claim(sheet.strip().lower(), sheet) for sheet in sheets if sheet.strip().lower() in ENTITIES)
    if claims:
        others = tuple(sheet for sheet in sheets if sheet.strip().lower() not in ENTITIES)
        seen.found.append(Found(file, path.resolve(), claims, others))
    else:
        seen.unknown.append(file)

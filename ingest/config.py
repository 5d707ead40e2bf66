"""Configuration: `pmo.toml` becomes typed settings, or one error that lists every problem with its line.

Belongs here: the keys of the configuration, their types and defaults.
Does not: what is said of problems, the rules for secrets and addresses (`config_problems.py`), whether a source answers (`sources/`),
what is run when (`dagster_project`).
"""

from __future__ import annotations

import codecs
import importlib
import inspect
import os
import pkgutil
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from ingest import sections, sources
from ingest.config_lines import KeyPath, LineIndex
from ingest.config_problems import ConfigError, Problem, address_problems, did_you_mean, each_once, secret_problems, validation_problems
from ingest.entities import DELETE_COLUMN, ENTITIES, ColumnType
from ingest.events.settings import EventsSettings
from ingest.sections import Section
from ingest.sources.files.presets import preset_entity, preset_names

DEFAULT_CONFIG: Final = "pmo.toml"
DEFAULT_HOME: Final = ".pmo"
SNAPSHOT_ENTITIES: Final = ("cost_transactions",)
"""Entities of which staging knows what a snapshot replaces."""


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{value!r} is no IANA time zone (as Europe/Berlin)") from None
    return value


_CRON_LIMITS: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_CRON_STEP: Final = re.compile(r"(?:\*|(?P<first>\d+)(?:-(?P<last>\d+))?)(?:/(?P<step>[1-9]\d*))?")


def _cron(value: str) -> str:
    fields = value.split()
    advice = "a schedule is five fields: minute hour day month weekday (as 0 2 * * *)"
    if len(fields) != len(_CRON_LIMITS):
        raise ValueError(advice)
    for field, (low, high) in zip(fields, _CRON_LIMITS, strict=True):
        for part in field.split(","):
            match = _CRON_STEP.fullmatch(part)
            bounds = [int(match[name]) for name in ("first", "last") if match[name]] if match else []
            if match is None or bounds != sorted(bounds) or any(not low <= bound <= high for bound in bounds):
                raise ValueError(f"{part!r} is not within {low}-{high}; {advice}")
    return value


TimeZone = Annotated[str, AfterValidator(_known_zone)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
SourceName = sections.SourceName
Secret = sections.Secret


class PublishSettings(Section):
    """How many published builds stay readable."""

    keep_builds: int = Field(default=30, ge=1)


class ScheduleSettings(Section):
    """When the nightly job starts by itself (organization's time zone unless another is named), and how long its build counts as fresh."""

    cron: Annotated[str, AfterValidator(_cron)] = "0 2 * * *"
    time_zone: TimeZone | None = None
    fresh_within_hours: int = Field(default=30, ge=1)


def _text_encoding(value: str) -> str:
    try:
        "".encode(value)
        return codecs.lookup(value).name
    except LookupError:
        raise ValueError(f"{value!r} is no text encoding (as cp1252)") from None


def _delimiters(value: str | list[str]) -> str | list[str]:
    candidates = [value] if isinstance(value, str) else value
    if not candidates or any(not re.fullmatch(r"[\t !#-~]", candidate) for candidate in candidates):
        raise ValueError("a delimiter is one character of ASCII and no quote, or a list of such characters")
    return value


class EntityMapping(Section):
    """How files of another shape become one entity.

    Attributes:
        preset: a shipped mapping; what else is said here stands above it.
        files: patterns of the files that are read for this entity alone.
        columns: an SQL expression over the file's own columns for each column.
        encoding: of text that is neither UTF-8 nor UTF-16.
        delimiter: the characters that may stand between cells; the header shows which does. Default comma or semicolon.
        quoted: whether a double quote encloses a cell.
        header: names by which the header row is known; without it the first row is the header.
        optional: columns that a file may lack; they are empty then.
        set_aside: for a reason the SQL condition of the rows that are no records.
        snapshot: each file is the whole list of a day and replaces those before it.
    """

    preset: str | None = None
    files: str | list[str] | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    encoding: Annotated[str, AfterValidator(_text_encoding)] | None = None
    delimiter: Annotated[str | list[str], AfterValidator(_delimiters)] | None = None
    quoted: bool = True
    header: list[str] = Field(default_factory=list)
    optional: list[str] = Field(default_factory=list)
    set_aside: dict[Literal["page_header", "subtotal", "excluded"], str] = Field(default_factory=dict)
    snapshot: bool = False


class SourceConfig(Section):
    """What every source has, whatever its type."""

    type: str
    name: SourceName
    optional: bool = False

    def problems(self, others: Sequence[SourceConfig]) -> Iterator[tuple[str, str]]:
        """What does not fit the other sources: key and message."""
        yield from ()


class ApiSourceConfig(SourceConfig):
    """What every source with an API has. A connector adds its own keys in `ingest/sources/<type>/settings.py`."""

    base_url: str
    overlap_minutes: int = Field(default=10, ge=0)
    reconcile: Literal["daily", "weekly", "never"] = "weekly"
    requests_per_minute: int | None = Field(default=None, ge=1)
    concurrency: int = Field(default=4, ge=1, le=32)
    ca_file: Annotated[Path, Field(strict=False)] | None = None
    since: date | None = None
    classified_fields: dict[str, Literal["hash", "drop"]] = Field(default_factory=dict)
    free_text: bool = False


class FilesSourceConfig(SourceConfig):
    """A folder into which files of the contract are dropped."""

    type: Literal["files"]
    path: Annotated[Path, Field(strict=False)]
    entities: dict[str, EntityMapping] = Field(default_factory=dict)
    classified_fields: dict[str, Literal["hash", "drop"]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _mappings_fit_the_contract(self) -> FilesSourceConfig:
        problems = [*_mapping_problems(self.entities), *_classification_problems(self.classified_fields)]
        if problems:
            raise ValueError("; ".join(problems))
        return self


SourceSettings = SourceConfig


def source_types() -> list[str]:
    """Names of the source types: the folders in `ingest/sources/`."""
    return sorted(module.name for module in pkgutil.iter_modules(sources.__path__) if module.ispkg)


def source_config(type_: str) -> type[SourceConfig]:
    """The configuration model of a source type.

    Raises:
        LookupError: the folder of the type defines none.
    """
    if type_ == "files":
        return FilesSourceConfig
    module = importlib.import_module(f"ingest.sources.{type_}.settings")
    for _, found in inspect.getmembers(module, inspect.isclass):
        if issubclass(found, SourceConfig) and found.__module__ == module.__name__:
            return found
    raise LookupError(f"{module.__name__} defines no configuration")


class _Document(Section):
    """The top level of `pmo.toml`; each source is checked by the model of its own type."""

    home: str = DEFAULT_HOME
    reporting_currency: Currency = "EUR"
    time_zone: TimeZone = "UTC"
    calendar_id: str = "standard"
    publish: PublishSettings = PublishSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    sources: list[dict[str, Any]] = Field(default_factory=list)
    events: EventsSettings = EventsSettings()


class Settings(BaseModel):
    """A configuration that holds together. Paths are absolute."""

    model_config = ConfigDict(frozen=True)

    home: Path
    base_dir: Path
    config_file: Path
    reporting_currency: str
    time_zone: str
    calendar_id: str
    publish: PublishSettings
    schedule: ScheduleSettings
    sources: list[SourceSettings]
    events: EventsSettings = EventsSettings()

    @property
    def schedule_time_zone(self) -> str:
        """The zone in which the schedule's hours are meant."""
        return self.schedule.time_zone or self.time_zone


def find_config(config: Path | None, home: Path | None) -> Path:
    """The configuration file that applies: named, `PMO_CONFIG`, `./pmo.toml`, or the one inside a named home.

    Raises:
        ConfigError: there is none.
    """
    if config is None and os.environ.get("PMO_CONFIG"):
        config = Path(os.environ["PMO_CONFIG"])
    if config is not None:
        if not config.is_file():
            raise _no_config(f"{config}: there is no such configuration file.")
        return config.resolve()
    candidates = [Path(DEFAULT_CONFIG)] if home is None else [Path(DEFAULT_CONFIG), home / DEFAULT_CONFIG]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve()
    looked = " and ".join(str(candidate.resolve()) for candidate in candidates)
    raise _no_config(f"No configuration: looked for {looked}.")


def _no_config(what: str) -> ConfigError:
    return ConfigError(None, [Problem(0, f"{what}\nName one with --config FILE, or write one with: pmo init")])


def load_settings(config: Path | None = None, home: Path | None = None) -> Settings:
    """Read and check the configuration.

    Args:
        config: the file; without it `PMO_CONFIG`, `./pmo.toml`, or `pmo.toml` inside `home`.
        home: replaces the `home` of the file.

    Raises:
        ConfigError: anything in it is wrong; all problems at once, each with its line.
    """
    file = find_config(config, home)
    try:
        text = file.read_text(encoding="utf-8-sig")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(file, [Problem(0, f"cannot be read: {error}. It must be a TOML file in UTF-8.")]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(file, [_syntax_problem(error)]) from error
    lines = LineIndex(text)
    base_dir = file.parent

    problems = [*secret_problems(document, lines, base_dir), *address_problems(document, lines)]
    top = _top_level(document, lines, base_dir, problems)
    sources = _sources(document, lines, base_dir, problems)
    if top is not None:
        found = top.events.problems([source.name for source in sources])
        problems.extend(Problem(lines.line(("events", "endpoints", place, key)), message) for place, key, message in found)
    if top is None or problems:
        raise ConfigError(file, each_once(problems))
    return Settings(
        home=home.resolve() if home is not None else (base_dir / Path(top.home).expanduser()).resolve(),
        base_dir=base_dir,
        config_file=file,
        reporting_currency=top.reporting_currency,
        time_zone=top.time_zone,
        calendar_id=top.calendar_id,
        publish=top.publish,
        schedule=top.schedule,
        sources=sources,
        events=top.events,
    )


def _syntax_problem(error: tomllib.TOMLDecodeError) -> Problem:
    text = str(error)
    found = re.search(r"at line (\d+)", text)
    return Problem(int(found[1]) if found else 0, f"this is not TOML: {text}")


def _top_level(document: dict[str, Any], lines: LineIndex, base_dir: Path, problems: list[Problem]) -> _Document | None:
    try:
        return _Document.model_validate(document, context={"base_dir": base_dir})
    except ValidationError as error:
        problems.extend(validation_problems(error, _Document, (), lines))
        return None


def _sources(document: dict[str, Any], lines: LineIndex, base_dir: Path, problems: list[Problem]) -> list[SourceSettings]:
    tables = document.get("sources", [])
    sources: list[SourceSettings] = []
    places: dict[str, KeyPath] = {}
    if not isinstance(tables, list):
        return sources
    for position, table in enumerate(tables):
        if not isinstance(table, dict):
            continue
        here: KeyPath = ("sources", position)
        if table.get("type") not in source_types():
            problems.append(Problem(lines.line((*here, "type")), _type_message(table.get("type"))))
            continue
        model = source_config(str(table["type"]))
        try:
            source = model.model_validate(table, context={"base_dir": base_dir})
        except ValidationError as error:
            problems.extend(validation_problems(error, model, here, lines))
            continue
        if any(source.name == other.name for other in sources):
            taken = f"the source name `{source.name}` is taken; each source needs a name of its own"
            problems.append(Problem(lines.line((*here, "name")), taken))
        sources.append(_with_absolute_paths(source, base_dir))
        places[source.name] = here
    for source in sources:
        others = [other for other in sources if other is not source]
        problems.extend(Problem(lines.line((*places[source.name], key)), message) for key, message in source.problems(others))
    return sources


def _with_absolute_paths(source: SourceSettings, base_dir: Path) -> SourceSettings:
    """Paths in the configuration are relative to its file."""
    paths = {name: value for name in type(source).model_fields if isinstance(value := getattr(source, name), Path)}
    return source.model_copy(update={name: (base_dir / value.expanduser()).resolve() for name, value in paths.items()})


def _type_message(type_: object) -> str:
    known = ", ".join(source_types())
    if type_ is None:
        return f"key `type` is missing in this source (known: {known})"
    return f"source type {type_!r} is unknown (known: {known})"


def _mapping_problems(entities: Mapping[str, EntityMapping]) -> Iterator[str]:
    """What in the mappings does not fit the file contract."""
    for name, mapping in entities.items():
        entity = ENTITIES.get(name)
        if entity is None:
            yield f"`entities.{name}`: there is no such entity{did_you_mean(name, ENTITIES)}"
            continue
        if mapping.preset is not None:
            yield from _preset_problems(name, mapping.preset)
        if mapping.snapshot and name not in SNAPSHOT_ENTITIES:
            yield f"`entities.{name}.snapshot`: only {' and '.join(SNAPSHOT_ENTITIES)} can be delivered as snapshots"
        if not mapping.columns:
            continue
        known = [*(column.name for column in entity.columns), DELETE_COLUMN.name]
        for column in mapping.columns:
            if column not in known:
                yield f"`entities.{name}.columns.{column}`: {name} has no such column{did_you_mean(column, known)}"


def _classification_problems(classified: Mapping[str, str]) -> Iterator[str]:
    """Fields of a files source are `entity.column`; what a row cannot do without can be hashed and not dropped."""
    for field, treatment in classified.items():
        entity_name, _, name = field.partition(".")
        entity = ENTITIES.get(entity_name)
        column = next((column for column in entity.columns if column.name == name), None) if entity else None
        if entity is None or column is None:
            yield f"`classified_fields.{field}`: the contract has no such column (write entity.column, as people.email)"
        elif column.type is not ColumnType.TEXT or column.choices:
            yield f"`classified_fields.{field}`: only texts can be classified"
        elif treatment == "drop" and (column.required or column.key or any(name in group for group in entity.any_of)):
            yield f"`classified_fields.{field}`: a row cannot do without it, so it can be hashed and not dropped"


def _preset_problems(entity: str, preset: str) -> Iterator[str]:
    if preset not in preset_names():
        yield f"`entities.{entity}.preset`: there is no preset `{preset}`{did_you_mean(preset, preset_names())}"
    elif preset_entity(preset) != entity:
        yield f"`entities.{entity}.preset`: `{preset}` feeds {preset_entity(preset)}, write it under `entities.{preset_entity(preset)}`"

"""The mapping expressions of a configuration, tried before anything runs: a wrong one is an error of `pmo.toml`, with its line.

Belongs here: asking for each expression on its own, so that all wrong ones are listed.
Does not: what an expression may be (`ingest/sources/files/mapping.py`).
"""

from __future__ import annotations

from ingest.config import EntityMapping, FilesSourceConfig, Settings
from ingest.config_lines import LineIndex
from ingest.config_problems import ConfigError, Problem
from ingest.protocol import PermanentError
from ingest.registry import create


def refuse_unusable_expressions(settings: Settings) -> None:
    """Check every expression of every source.

    Raises:
        ConfigError: some cannot be used; nothing was read.
    """
    lines = LineIndex(settings.config_file.read_text(encoding="utf-8-sig"))
    problems = []
    for position, source in enumerate(settings.sources):
        if not isinstance(source, FilesSourceConfig):
            continue
        for entity, mapping in source.entities.items():
            alone = [("columns", column, EntityMapping(columns={column: sql})) for column, sql in mapping.columns.items()]
            alone += [("set_aside", reason, EntityMapping(set_aside={reason: sql})) for reason, sql in mapping.set_aside.items()]
            for key, name, one in alone:
                try:
                    create(source.model_copy(update={"entities": {entity: one}}))
                except PermanentError as error:
                    line = lines.line(("sources", position, "entities", entity, key, name))
                    problems.append(Problem(line, f"{error.what}\n{error.remedy}"))
    if problems:
        raise ConfigError(settings.config_file, problems)

"""The mapping expressions of a configuration, tried before anything runs: a wrong one is an error of `pmo.toml`, with its line.

Belongs here: asking for each expression on its own, so that all wrong ones are listed.
Does not: what an expression may be (`ingest/sources/files/mapping.py`).
"""

from __future__ import annotations

from ingest.config import ConfigError, EntityMapping, FilesSourceConfig, Problem, Settings
from ingest.config_lines import LineIndex
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
            for column, expression in mapping.columns.items():
                alone = {entity: EntityMapping(files=mapping.files, columns={column: expression})}
                try:
                    create(source.model_copy(update={"entities": alone}))
                except PermanentError as error:
                    line = lines.line(("sources", position, "entities", entity, "columns", column))
                    problems.append(Problem(line, f"{error.what}\n{error.remedy}"))
    if problems:
        raise ConfigError(settings.config_file, problems)

"""Registry: which source types there are. A new one is a folder in `ingest/sources/` with a module `source`; nothing is edited here.

Belongs here: the way from a type's name to its class.
Does not: the keys of a type (`config.py`), what a source does (`protocol.py`).
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import cast

from ingest import sources
from ingest.config import SourceSettings
from ingest.protocol import PermanentError, Source


def source_types() -> list[str]:
    """Names of the source types of this version."""
    return sorted(module.name for module in pkgutil.iter_modules(sources.__path__) if module.ispkg)


def create(settings: SourceSettings) -> Source:
    """The configured source.

    Raises:
        PermanentError: there is no such type, or the settings do not work (a mapping that is no expression).
    """
    if settings.type not in source_types():
        raise PermanentError(
            f"Source {settings.name}: there is no source type `{settings.type}`.",
            f"Use one of: {', '.join(source_types())}.",
            "Nothing was read; the published build is unchanged.",
        )
    module = importlib.import_module(f"ingest.sources.{settings.type}.source")
    for _, found in inspect.getmembers(module, inspect.isclass):
        if issubclass(found, Source) and found.__module__ == module.__name__:
            return cast("Callable[[SourceSettings], Source]", found)(settings)
    raise LookupError(f"{module.__name__} defines no source")

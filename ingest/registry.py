"""Registry: which source types there are. A new one is a folder in `ingest/sources/` with a module `source`; nothing is edited here.

Belongs here: the way from a type's name to its class.
Does not: the keys of a type (`config.py`), what a source does (`protocol.py`).
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from functools import cache
from typing import cast

from ingest.api import ApiSource
from ingest.config import SourceSettings, source_types
from ingest.protocol import PermanentError, Source
from ingest.streams import Stream


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
    return cast("Callable[[SourceSettings], Source]", source_class(settings.type))(settings)


def source_class(type_: str) -> type[Source]:
    """The class of a source type.

    Raises:
        LookupError: the folder of the type defines none.
    """
    module = importlib.import_module(f"ingest.sources.{type_}.source")
    for _, found in inspect.getmembers(module, inspect.isclass):
        if issubclass(found, Source) and found.__module__ == module.__name__:
            return found
    raise LookupError(f"{module.__name__} defines no source")


@cache
def api_stream_types() -> dict[str, tuple[type[Stream], ...]]:
    """Source type -> its streams, of every type that has an API, configured or not."""
    classes = {type_: source_class(type_) for type_ in source_types()}
    return {type_: tuple(found.stream_types()) for type_, found in classes.items() if issubclass(found, ApiSource)}


@cache
def api_streams() -> dict[str, tuple[str, ...]]:
    """Source type -> names of its streams: each has a relation in the warehouse."""
    return {type_: tuple(sorted(stream.name for stream in kinds)) for type_, kinds in api_stream_types().items()}


def relation(type_: str, stream: str) -> str:
    """Name of a stream's relation in schema `landing` of the warehouse."""
    return f"{type_}__{stream}" if type_ in api_streams() else stream

"""The dlt source: a resource of the dlt library, configured by its name.

Belongs here: finding the resource, what it is called with.
Does not: its rows (`stream.py`).
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from ingest.api import ApiSource, Identity
from ingest.http import HttpClient
from ingest.protocol import PermanentError
from ingest.sources.dlt.settings import DltConfig
from ingest.sources.dlt.stream import DltStream
from ingest.streams import Stream, StreamTypes

_NO_ADDRESS = "https://dlt.invalid"
"""dlt asks by itself; our own client is never used."""


class DltSource(ApiSource):
    """Reads one dlt resource."""

    type: ClassVar[str] = "dlt"
    version: ClassVar[str] = "dlt/1"
    config: DltConfig

    @classmethod
    def stream_types(cls) -> StreamTypes:
        """One: what the resource gives."""
        return (DltStream,)

    def connect(self) -> HttpClient:
        """A client that nobody uses."""
        return self.client(_NO_ADDRESS)

    def identify(self, client: HttpClient) -> Identity:
        """The resource says nothing of an account; that it is there is all that can be known."""
        self._factory()
        return Identity(self.config.resource, {"version of dlt": str(_dlt().__version__)})

    def open_streams(self, client: HttpClient, identity: Identity) -> Sequence[Stream]:
        """The resource."""
        config = self.config
        return (DltStream(self._open, config.primary_key, config.updated_at, is_incremental=config.since_argument is not None),)

    def survey(self, client: HttpClient, identity: Identity) -> Mapping[str, str]:
        """Nothing is asked: a resource cannot be counted without being read."""
        return {}

    def _open(self, since: datetime | None) -> Any:  # noqa: ANN401 - a dlt resource
        factory = self._factory()
        if not callable(factory) or (hasattr(factory, "compute_table_schema") and not (self.config.arguments or self.config.secrets)):
            return factory
        arguments: dict[str, object] = {**self.config.arguments}
        arguments |= {name: secret.get_secret_value() for name, secret in self.config.secrets.items()}
        if self.config.since_argument is not None and since is not None:
            arguments[self.config.since_argument] = since.isoformat()
        return factory(**arguments)

    def _factory(self) -> Callable[..., Any] | Any:  # noqa: ANN401
        _dlt()
        module, _, name = self.config.resource.partition(":")
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise PermanentError(
                f"Source {self.name}: {self.config.resource} cannot be imported ({error}).",
                "Correct `resource` of this source in pmo.toml, or install the package that has it.",
                "Nothing was read; the published build is unchanged.",
            ) from error


def _dlt() -> Any:  # noqa: ANN401 - a library that may not be there
    """The library, which reports nothing to anybody."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    try:
        return importlib.import_module("dlt")
    except ImportError as error:
        raise PermanentError(
            "The library dlt is not installed.",
            "Install it beside the project: pip install 'pmo-metrics-warehouse[dlt]'.",
            "Nothing was read; the published build is unchanged.",
        ) from error

"""Options that every command takes.

Belongs here: `--home`, `--config`, `--debug`, `--json`.
Does not: what a command does with them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ingest.config import Settings


class _Debug:
    is_on = False


def _set_debug(value: bool) -> bool:
    _Debug.is_on = _Debug.is_on or value
    return value


def wants_tracebacks() -> bool:
    """Whether `--debug` was given."""
    return _Debug.is_on


HomeOption = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="Landing, warehouse and published builds [home of pmo.toml].", show_default=False),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="The configuration [PMO_CONFIG, else ./pmo.toml].", show_default=False)
]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.", callback=_set_debug)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def settings_of(config: Path | None, home: Path | None) -> Settings:
    """The configuration that applies; the environment is set so that Dagster loads the same one."""
    import os

    from ingest.config import load_settings

    settings = load_settings(config, home)
    os.environ["PMO_CONFIG"] = str(settings.config_file)
    os.environ["PMO_HOME"] = str(settings.home)
    return settings


def home_of(config: Path | None, home: Path | None) -> Path:
    """The home of a command that only looks at one: a home that is named needs no configuration."""
    if home is not None and config is None:
        if not home.is_dir():
            raise typer.BadParameter(f"{home}: there is no such folder; name another home, or make one with pmo run.", param_hint="--home")
        return home.resolve()
    return settings_of(config, home).home

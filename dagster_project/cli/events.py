"""`pmo events`: the webhook receiver, and landing what it holds.

Belongs here: options and printing.
Does not: receiving and landing (`ingest/events`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from dagster_project.cli.options import ConfigOption, DebugOption, HomeOption, settings_of

if TYPE_CHECKING:
    from ingest.config import Settings

app = typer.Typer(help="Webhooks: receive them, land them.", no_args_is_help=True, rich_markup_mode=None)


@app.command("serve")
def serve(home: HomeOption = None, config: ConfigOption = None, debug: DebugOption = False) -> None:
    """Receive deliveries at the endpoints of [events] until it is stopped. Says where it listens when it is ready."""
    from ingest.events.receiver import serve as receive

    settings = settings_of(config, home)
    _refuse_without_endpoints(settings)
    receive(settings.home, settings.events, lambda address: print(f"Listening on {address}", flush=True))


def _refuse_without_endpoints(settings: Settings) -> None:
    from ingest.config import ConfigError, Problem

    if not settings.events.endpoints:
        message = (
            "no endpoint is configured, so nothing can be received. Add an [[events.endpoints]] table with path, source, kind and "
            'secret = { env = "NAME" }'
        )
        raise ConfigError(settings.config_file, [Problem(0, message)])

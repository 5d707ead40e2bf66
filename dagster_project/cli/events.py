"""`pmo events`: the webhook receiver, and landing what it holds.

Belongs here: options and printing.
Does not: receiving and landing (`ingest/events`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from dagster_project.cli.options import ConfigOption, DebugOption, HomeOption, JsonOption, settings_of

if TYPE_CHECKING:
    from ingest.config import Settings

app = typer.Typer(help="Webhooks: receive them, land them.", no_args_is_help=True, rich_markup_mode=None)


@app.command("serve")
def serve(home: HomeOption = None, config: ConfigOption = None, debug: DebugOption = False) -> None:
    """Receive deliveries at the endpoints of [events] until it is stopped. Says where it listens when it is ready."""
    from ingest.events.drain import open_inbox
    from ingest.events.receiver import serve as receive

    settings = settings_of(config, home)
    _refuse_without_endpoints(settings)
    open_inbox(settings).close()
    receive(settings.home, settings.events, lambda address: print(f"Listening on {address}", flush=True))


@app.command("drain")
def drain(home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False, debug: DebugOption = False) -> None:
    """Land what the inbox holds, without waiting for the sensor. The next run reads every record that an event names."""
    from dagster_project.cli.display import print_json
    from ingest.events.drain import drain as land
    from reports.lock import RunLock

    settings = settings_of(config, home)
    with RunLock(settings.home, "pmo events drain", is_brief=True):
        drained = land(settings)
    if as_json:
        print_json({"landed": drained.landed, "left": drained.left})
        return
    for source, events in sorted(drained.landed.items()):
        print(f"{source}: {events:,} events landed")
    for source, events in sorted(drained.left.items()):
        print(f"{source}: {events:,} events stay in the inbox; no source of that name is configured")
    if not drained.landed and not drained.left:
        print("Nothing waits in the inbox.")


def _refuse_without_endpoints(settings: Settings) -> None:
    from ingest.config_problems import ConfigError, Problem

    if not settings.events.endpoints:
        message = (
            "no endpoint is configured, so nothing can be received. Add an [[events.endpoints]] table with path, source, kind and "
            'secret = { env = "NAME" }'
        )
        raise ConfigError(settings.config_file, [Problem(0, message)])

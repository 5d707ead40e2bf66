"""`pmo dev`: Dagster's UI with schedule and sensors.

Belongs here: starting Dagster on this home.
Does not: definitions.
"""

from __future__ import annotations

from typing import Annotated

import typer

from dagster_project.cli.options import ConfigOption, DebugOption, HomeOption, settings_of


def dev(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port on this computer.")] = 3000,
    home: HomeOption = None,
    config: ConfigOption = None,
    debug: DebugOption = False,
) -> None:
    """Dagster's UI, schedule and sensors for this home, reachable from this computer only. Ends with Ctrl-C."""
    settings = settings_of(config, home)
    import os
    import sys

    from dagster_project.dbt_manifest import manifest_path
    from dagster_project.expressions import refuse_unusable_expressions
    from dagster_project.instance import open_instance
    from dagster_project.paths import Home

    refuse_unusable_expressions(settings)
    paths = Home(settings.home)
    paths.enter()
    manifest_path(paths)
    open_instance(paths).dispose()
    print(f"Dagster for {settings.home}: http://127.0.0.1:{port}", file=sys.stderr, flush=True)
    # Replaces this process: a signal to `pmo dev` is a signal to Dagster.
    arguments = ["dev", "--module-name", "dagster_project.definitions", "--host", "127.0.0.1", "--port", str(port)]
    # Dagster recommends another of its commands here, which the user of this one can do nothing about.
    quiet = ["-W", "ignore:Function `dev_command` is superseded"]
    os.execv(sys.executable, [sys.executable, *quiet, "-m", "dagster", *arguments])  # noqa: S606 - our own interpreter, no shell

"""The Dagster definitions of a home: what `dagster`, `pmo run` and `pmo dev` load.

Belongs here: putting the pieces together for the configuration that applies (`PMO_CONFIG`, `PMO_HOME`).
Does not: any piece.
"""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from dagster_project.assets.landing import landing_assets
from dagster_project.assets.published import judged_candidate, published_build
from dagster_project.assets.warehouse import dbt_resource, registered_landing, warehouse_models
from dagster_project.automation import carry_landed, publish_landed
from dagster_project.checks import expectation_checks
from dagster_project.dbt_manifest import manifest_path, parsed_path
from dagster_project.event_runs import inbox_events
from dagster_project.garbage import collect_seldom
from dagster_project.jobs import nightly_job
from dagster_project.paths import Home
from dagster_project.resources import NightlyRun
from dagster_project.schedules import nightly_schedule
from dagster_project.sensors import new_deliveries
from ingest.config import Settings, load_settings


def build_definitions(settings: Settings) -> dg.Definitions:
    """Everything Dagster knows about this configuration."""
    home = Home(settings.home)
    home.enter()
    return dg.Definitions(
        assets=[
            *landing_assets(settings),
            registered_landing(settings),
            warehouse_models(manifest_path(home)),
            judged_candidate(),
            published_build(settings),
        ],
        asset_checks=[expectation_checks()],
        jobs=[nightly_job(), publish_landed(settings)],
        schedules=[nightly_schedule(settings)],
        sensors=[new_deliveries(settings), inbox_events(settings), carry_landed()],
        resources={
            "nightly": NightlyRun(config_file=str(settings.config_file), home=str(settings.home)),
            "dbt": dbt_resource(parsed_path(home)),
        },
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions of the configuration in the environment."""
    home = os.environ.get("PMO_HOME")
    definitions = build_definitions(load_settings(None, Path(home) if home else None))
    # Each run and each look of a sensor is in a process that has loaded this.
    collect_seldom()
    return definitions

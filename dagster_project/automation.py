"""Declarative automation: what has landed is carried to the checks and to the readers, whoever landed it.

Belongs here: the condition, the job that it starts, the sensor that looks.
Does not: the nightly job and the runs that events ask for, which land and publish in one go.
"""

from __future__ import annotations

import warnings

import dagster as dg
from dagster._core.definitions.asset_key import AssetJobKey

from dagster_project.assets.landing import GROUP, stream_key
from dagster_project.jobs import NIGHTLY
from ingest.config import Settings
from ingest.registry import create

CARRY = "publish_landed"
LOADS = dg.AssetKey(["warehouse", "landing", "loads"])
"""It depends on every stream of every source, and a run that makes it makes all that lies behind."""
SECONDS_BETWEEN_LOOKS = 60
"""A look takes seconds of processor time, and runs that events asked for want it, too."""


def publish_landed(settings: Settings) -> dg.UnresolvedAssetJobDefinition:
    """All of the nightly job but the reading. Starts when a stream was landed by a run that goes no further, as by hand in the UI."""
    with warnings.catch_warnings():
        # Conditions of jobs are a preview of Dagster's. The version is pinned, and without this job the nightly one still does everything.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.define_asset_job(
            CARRY,
            selection=dg.AssetSelection.all() - dg.AssetSelection.groups(GROUP),
            description=f"Builds, checks and publishes what has landed. A condition starts it; {NIGHTLY} does the same after reading.",
            executor_def=dg.in_process_executor,
            automation_condition=dg.AutomationCondition.any_job_root_assets_match(
                dg.AutomationCondition.asset_matches(LOADS, _landed_and_checked(settings))
            ),
        )


def carry_landed() -> dg.AutomationConditionSensorDefinition:
    """Looks whether the condition holds. Runs while `pmo dev` runs."""
    return dg.AutomationConditionSensorDefinition(
        "carry_landed",
        target=dg.AssetSelection.assets(LOADS),
        asset_job_keys={AssetJobKey(CARRY)},
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Publishes what was landed by a run that went no further, once the checks of landing have passed.",
    )


def _landed_and_checked(settings: Settings) -> dg.AutomationCondition[dg.AssetKey]:
    """Of `LOADS`: something was landed since it was made, nothing is under way, and every source was read well.

    What `eager()` means, in as few terms as will do: each is asked of every stream in every look. `eager()` itself would also start when
    something is missing, which a first run mends, and it holds no term for checks. The checks of landing do not block inside a run, because
    the gate wants to see all that is wrong; so they are asked for here by name. A stream that was never landed has passed none. A source
    that is `optional` may have failed.
    """
    when = dg.AutomationCondition
    optional = [stream_key(config.name, stream) for config in settings.sources if config.optional for stream in create(config).streams()]
    passed = when.all_deps_match(when.all_checks_match(when.check_passed())).ignore(dg.AssetSelection.assets(*optional))
    return (
        when.any_deps_match(when.newly_updated()).since(when.newly_updated() | when.initial_evaluation())
        & ~when.any_deps_in_progress()
        & ~when.in_progress()
        & passed.with_label("all_landing_checks_passed")
    )

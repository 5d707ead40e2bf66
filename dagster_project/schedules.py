"""Schedules.

Belongs here: when the nightly job runs by itself.
Does not: what it does (`jobs.py`).
"""

from __future__ import annotations

import dagster as dg

from dagster_project.jobs import NIGHTLY
from ingest.config import Settings


def nightly_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Every night in the organization's time zone, or as `[schedule]` in pmo.toml says. Runs while `pmo dev` runs."""
    return dg.ScheduleDefinition(
        name="nightly_schedule",
        job_name=NIGHTLY,
        cron_schedule=settings.schedule.cron,
        execution_timezone=settings.schedule_time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Starts the nightly job.",
    )

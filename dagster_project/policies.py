"""Policies that hold over the whole graph: who owns it, how fresh it is to be, what is tried again.

Belongs here: one named constant or function a policy, with its reason.
Does not: which asset exists.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

import dagster as dg

from ingest.config import ScheduleSettings
from ingest.protocol import TransientError

OWNERS: Final = ("team:pmo-data",)

TRANSIENT_RETRIES: Final = 3
"""A share that is away or a server that restarts is back within a few minutes, or it needs a person."""
FIRST_WAIT_SECONDS: Final = 5

_T = TypeVar("_T")


def freshness(schedule: ScheduleSettings) -> dg.FreshnessPolicy:
    """A day and what a repeated run may take, or what `[schedule]` says: the office sees in the morning what did not run."""
    return dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=schedule.fresh_within_hours))


def try_again_if_transient(context: dg.AssetExecutionContext, read: Callable[[], _T]) -> _T:
    """Read, and ask Dagster for another try where the error is one that passes by itself.

    A retry policy would repeat every failure, and a wrong file is wrong in five seconds too; after the last try the error stands as it is.
    """
    try:
        return read()
    except TransientError as error:
        if context.retry_number >= TRANSIENT_RETRIES:
            raise
        raise dg.RetryRequested(TRANSIENT_RETRIES, FIRST_WAIT_SECONDS * 3**context.retry_number) from error

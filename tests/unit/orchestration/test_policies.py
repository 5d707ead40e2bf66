"""What is tried again, and what is not."""

from datetime import timedelta

import dagster as dg
import pytest

from dagster_project import policies
from dagster_project.policies import TRANSIENT_RETRIES, freshness, try_again_if_transient
from ingest.config import ScheduleSettings
from ingest.protocol import AuthError, PermanentError, SchemaError, SourceError, TransientError


def attempts(error: type[SourceError], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """How often a step that always fails that way is tried, and what it ends with."""
    monkeypatch.setattr(policies, "FIRST_WAIT_SECONDS", 0)
    tried: list[int] = []
    ended: list[str] = []

    def read() -> None:
        tried.append(1)
        raise error("the share is away", "wait", "nothing was read")

    @dg.asset
    def land(context: dg.AssetExecutionContext) -> None:
        try:
            try_again_if_transient(context, read)
        except SourceError as last:
            ended.append(type(last).__name__)

    dg.materialize([land], raise_on_error=False)
    return len(tried), ended[0]


def test_an_error_that_passes_by_itself_is_tried_again_and_then_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    assert attempts(TransientError, monkeypatch) == (1 + TRANSIENT_RETRIES, "TransientError")


@pytest.mark.parametrize("error", [PermanentError, AuthError, SchemaError])
def test_every_other_error_stands_at_once(error: type[SourceError], monkeypatch: pytest.MonkeyPatch) -> None:
    assert attempts(error, monkeypatch) == (1, error.__name__)


def test_a_build_is_fresh_for_as_long_as_the_schedule_says() -> None:
    policy = freshness(ScheduleSettings(fresh_within_hours=50))
    assert policy == dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=50))

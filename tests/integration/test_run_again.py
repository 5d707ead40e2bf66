"""A run after another: a corrected file, a refused one, and what was published coming out again as of then or made anew from its inputs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.integration.conftest import SECOND_DELIVERY, Corrected
from tests.support import tiny_company
from tests.support.command import Workplace

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("published")]


def test_a_corrected_file_changes_what_it_is_about_and_nothing_else(published: Workplace, corrected: Corrected) -> None:
    before, after = published.content(), corrected.workplace.content()
    changed = {name for name in before if before[name] != after[name]}
    assert "registers: 1 new file, 5 rows" in corrected.out
    assert {"cost_summary", "resource_utilization", "project_evm"} <= changed
    assert not changed & {"work_item_cycle", "project_flow", "cumulative_flow", "milestone_tracking", "metric_dictionary"}
    (hours,) = corrected.workplace.query("select sum(logged_hours) from reports.resource_utilization where scope_type = 'person'")
    assert float(str(hours[0])) == 8 + 8 + 6 + 6.5 + 4


def test_a_correction_of_a_closed_week_is_a_restatement_and_a_warning(published: Workplace, corrected: Corrected) -> None:
    """Edda's 7.5 of 40 hours in the week of 23 March are 6.5; the week of 30 March was not over on the 31st, and the month neither."""
    restated = "select scope_type, scope_id, old_value, new_value from reports.restatements where metric_id = 'utilization'"
    assert published.query("select * from reports.restatements") == []
    found = {(kind, scope): (old, new) for kind, scope, old, new in corrected.workplace.query(restated)}
    assert found == {
        ("person", "E2"): (18.75, 16.25),
        ("team", "T1"): (pytest.approx(750 / 120), pytest.approx(650 / 120)),
        ("organization", "organization"): (pytest.approx(750 / 120), pytest.approx(650 / 120)),
    }
    about = "select distinct period_type, period_start, build_id, old_build_id, cause from reports.restatements"
    builds = (corrected.workplace.build_id(), published.build_id())
    assert corrected.workplace.query(about) == [("week", date(2026, 3, 23), *builds, "correction")]
    assert "WARNING  closed_periods_restated on restatements" in corrected.out


def test_readers_can_be_led_back_to_an_older_build(published: Workplace, corrected: Corrected, tmp_path: Path) -> None:
    workplace = corrected.workplace.copy(tmp_path / "back")
    older, newer = published.build_id(), workplace.build_id()
    assert older < newer
    assert workplace.pmo("rollback", older).returncode == 0
    assert workplace.build_id() == older
    found = json.loads(workplace.pmo("builds", "--json").stdout)
    assert [(build["build_id"], build["is_current"]) for build in found] == [(newer, False), (older, True)]


def test_a_file_without_a_required_column_is_refused_and_the_published_build_stays(published: Workplace, tmp_path: Path) -> None:
    workplace = published.copy(tmp_path / "broken")
    tiny_company.deliver(workplace.delivered, tiny_company.MISSING_COLUMN, SECOND_DELIVERY)
    failed_source = workplace.run()
    assert failed_source.returncode == 4, failed_source.stdout + failed_source.stderr
    assert workplace.build_id() == published.build_id()
    assert "risks.csv" in failed_source.stdout
    assert "`title`" in failed_source.stdout
    assert "heading" in failed_source.stdout
    assert "Traceback" not in failed_source.stderr


def test_a_run_as_of_then_with_what_was_known_then_gives_what_was_published_then(
    published: Workplace, corrected: Corrected, tmp_path: Path
) -> None:
    workplace = corrected.workplace.copy(tmp_path / "then")
    known_at = json.loads((published.current / "manifest.json").read_text(encoding="utf-8"))["known_at"]
    done = workplace.pmo("run", "--as-of", tiny_company.AS_OF, "--known-at", known_at)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "closed_periods_restated" not in done.stdout
    assert published.build_id() < corrected.workplace.build_id() < workplace.build_id()
    assert workplace.content() == published.content()
    assert workplace.query("select * from reports.restatements") == []


def test_a_build_comes_out_the_same_when_it_is_made_again(published: Workplace) -> None:
    done = published.pmo("rebuild", published.build_id())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "came out the same" in done.stdout

"""What was published comes out again: as of then with what was known then, and made once more from its inputs."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Corrected
from tests.support import tiny_company
from tests.support.command import Workplace

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("published")]


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
    with duckdb.connect(str(workplace.current / "pmo.duckdb"), read_only=True) as connection:
        assert connection.execute("select * from reports.restatements").fetchall() == []


def test_a_build_comes_out_the_same_when_it_is_made_again(published: Workplace) -> None:
    done = published.pmo("rebuild", published.build_id())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "came out the same" in done.stdout

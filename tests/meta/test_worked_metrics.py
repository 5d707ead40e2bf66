"""No metric without a case worked out by hand: the table of `tests/golden/README.md` against the dictionary and the tests."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
TABLE = dict(re.findall(r"^\| (\w+) \| (.+?) \|$", (GOLDEN / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
NOT_FED = "no source feeds it: defined, and no value is published"


def test_the_table_names_every_metric() -> None:
    with (ROOT / "dbt" / "seeds" / "metric_definitions.csv").open(encoding="utf-8", newline="") as seed:
        assert [row["metric_id"] for row in csv.DictReader(seed)] == [metric for metric in TABLE if metric != "metric"]
    assert {metric for metric, where in TABLE.items() if where == NOT_FED} == {
        "dora_deployment_frequency",
        "dora_lead_time",
        "dora_change_failure_rate",
        "dora_recovery_time",
    }


@pytest.mark.parametrize("metric", [metric for metric, where in TABLE.items() if "::" in where])
def test_the_case_is_there_and_about_the_metric(metric: str) -> None:
    file, _, test = TABLE[metric].partition("::")
    text = (ROOT / file if "/" in file else GOLDEN / file).read_text(encoding="utf-8")
    assert re.search(rf"(def |name: ){test}\b", text), f"{file} has no {test}"
    assert metric in text

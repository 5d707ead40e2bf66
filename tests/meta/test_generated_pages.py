"""The pages made from data say what the data says."""

from __future__ import annotations

import csv
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
assert _spec is not None
assert _spec.loader is not None
generate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generate)


@pytest.mark.parametrize("name", generate.PAGES)
def test_page_is_up_to_date(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == generate.PAGES[name](), f"docs/{name} is out of date: run `make docs`"


def test_every_metric_links_to_a_decision_that_is_there() -> None:
    page = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in re.findall("^## (.+)$", page, re.MULTILINE)}
    with (ROOT / "dbt" / "seeds" / "metric_definitions.csv").open(encoding="utf-8", newline="") as seed:
        links = {row["metric_id"]: row["decision_link"] for row in csv.DictReader(seed)}
    assert {metric: link for metric, link in links.items() if link.removeprefix("docs/decisions.md#") not in headings} == {}

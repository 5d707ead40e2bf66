"""`pmo explain`: a number, what it was divided by what, why it is undefined, and its rows; on a small published file made by hand."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import duckdb
import pytest

from dagster_project.cli import app
from dagster_project.cli.errors import Status
from dagster_project.cli.explain import WIDTH, shown_value
from reports.evidence import COLUMNS
from reports.explain import UnknownNumber
from reports.explain import explain as look_up
from reports.reasons import REASONS, REASONS_OF_METRICS, reason_text

MARTS = Path(__file__).parents[3] / "dbt" / "models" / "marts"
DEFINITIONS = Path(__file__).parents[3] / "dbt" / "seeds" / "metric_definitions.csv"
BUILD = "20260630T021503Z-1a2b3c"
SQL = """
create schema reports;
create schema evidence;
create schema drill;
create table reports.metric_dictionary as
    select 1 as metric_version, 'execution' as function, 'team:pmo-data' as owner, 'tasks, costs' as source_tables, * from (values
        ('cpi', 'Cost performance index', '成本绩效指数', 'What does one unit of money buy?', 'EV / AC', 'ratio', 'up'),
        ('on_time_delivery', 'On-time delivery', '按时交付率', 'Which share came in time?', 'in time / closed', '%', 'up'),
        ('eac', 'Estimate at completion', '完工估算', 'What will it cost?', 'AC + (BAC - EV) / CPI; AC once finished', 'currency', 'down'),
        ('forecast_finish', 'Forecast finish', null, 'When will it be done?', 'PD / SPI(t)', 'days since 1970-01-01', 'down'),
        ('dora_lead_time', 'Lead time of a change', null, 'How long?', 'median', 'hours', 'down')
    ) as m(metric_id, name, name_zh, question, formula, unit, direction);
create table reports.kpi_values as
    select
        1 as metric_version, timestamptz '2026-06-30 22:00:00+00' as source_watermark, 0 as baseline_version, 'month' as period_type,
        date_trunc('month', as_of_date)::date as period_start, * replace (value::double as value, numerator::decimal(38, 9) as numerator)
    from (values
        ('cpi', 'project', 'P1', date '2026-03-31', 1.0, 300, 300, 1, 'ok', null, 'cpi', 'green'),
        ('cpi', 'project', 'P1', date '2026-04-30', null, null, null, 0, 'undefined', 'no_actuals', 'cpi', null),
        ('cpi', 'project', 'P1', date '2026-05-31', 0.9, 900, 1000, 1, 'ok', null, 'cpi', 'amber'),
        ('cpi', 'project', 'P1', date '2026-06-30', 0.75, 900, 1200, 1, 'ok', null, 'cpi', 'red'),
        ('cpi', 'portfolio', 'PF1', date '2026-06-30', 0.75, 900, 1200, 1, 'ok', null, 'cpi', 'red'),
        ('on_time_delivery', 'organization', 'organization', date '2026-06-30', 75.0, 3, 4, 4, 'immature', null, 'on_time_delivery', null),
        ('eac', 'project', 'P1', date '2026-06-30', 2000.0, 2000, null, 1, 'ok', null, null, null),
        ('vac_pct', 'project', 'P1', date '2026-06-30', -33.3, -500, 1500, 1, 'ok', null, null, null),
        ('forecast_finish', 'project', 'P1', date '2026-06-30', 20818.0, null, null, 1, 'ok', null, null, null)
    ) as v(metric_id, scope_type, scope_id, as_of_date, value, numerator, denominator, n, status, reason, tolerance_id, rag);
create table reports.project_evm as
    select 'P1' as project_id, date '2026-06-30' as status_date, 0 as baseline_version,
        1800::decimal(38, 8) as eac_1, 2000::decimal(38, 8) as eac_cpi, null::decimal(38, 8) as eac_spi,
        timestamptz '2026-12-31 16:00:00+00' as forecast_finish_es_spi_t, timestamptz '2026-11-30 16:00:00+00' as forecast_finish_es_1;
create table reports.project_health as select 'P1' as project_id, 'Website' as name;
create table evidence.tolerance_thresholds as
    select * from (values ('cpi', 0.95, 0.9, true, 1), ('on_time_delivery', 10.0, 10.0, true, 5))
    as t(tolerance_id, green, amber, is_one_sided, minimum_n);
create table reports.restatements as
    select 'cpi' as metric_id, 'project' as scope_type, 'P1' as scope_id, 'month' as period_type, date '2026-06-01' as period_start,
        'b2' as build_id, 0.8::double as old_value, 0.75::double as new_value, 'b1' as old_build_id, 'late_fact' as cause;
create table drill.cpi as
    select 'project' as scope_type, 'P1' as scope_id, date '2026-06-01' as period_start, date '2026-06-30' as as_of_date, * from (values
        ('numerator', 'baseline_tasks', null, 'P1/A', null, '1 Design', date '2026-05-30', 600::decimal(38, 9), 'EUR'),
        ('numerator', 'baseline_tasks', null, 'P1/B', null, '2 Build', date '2026-06-30', 300, 'EUR'),
        ('denominator', 'cost_transactions', 'ledger', 'T1', null, 'Vendor A', date '2026-05-10', 1150, 'EUR'),
        ('denominator', 'timesheet_entries', 'hours', 'E1', 'https://tracker.example.com/WEB-1', 'Egon', date '2026-06-01', 50, 'EUR')
    ) as r(part, entity, source, record_key, url, label, day, amount, unit);
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explained")
    build = folder / "published/builds" / BUILD
    build.mkdir(parents=True)
    with duckdb.connect(str(build / "pmo.duckdb")) as connection:
        connection.execute(SQL)
    (folder / "published/current").symlink_to(f"builds/{BUILD}")
    return folder


def told(home: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert app.execute(["explain", *arguments, "--home", str(home)]) == Status.DONE
    return capsys.readouterr().out


def test_a_value_is_told_with_its_numbers_thresholds_past_and_rows(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = told(home, capsys, "cpi", "--scope", "project:P1")
    for words in (
        "Cost performance index (成本绩效指数): project P1, Website",
        "What does one unit of money buy?",
        "0.7500  red  (month from 2026-06-01, as of 2026-06-30)",
        "900 / 1,200 = 0.7500",
        "green from 0.95, amber from 0.90",
        "version 0",
        "2026-04-30 – no_actuals · 2026-05-31 0.9000 amber · 2026-06-30 0.7500 red",
        "Restated 0.8000 until build b1 (late_fact)",
        "Numerator     900\nDenominator   1,200\n",
        "Numerator: 2 rows, sum 900 EUR",
        "Denominator: 2 rows, sum 1,200 EUR",
        "2026-05-10  1,150  cost_transactions  T1  Vendor A",
        "https://tracker.example.com/WEB-1",
    ):
        assert words in " ".join(text.split()) or words in text
    assert "2026-03-31" not in text  # three values, not all
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.index("P1/A") < text.index("P1/B")  # the largest first


def test_a_day_chooses_the_newest_period_up_to_it_and_an_undefined_value_says_what_would_define_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = told(home, capsys, "cpi", "--scope", "project:P1", "--as-of", "2026-05-30")
    assert "as of 2026-04-30" in text
    assert re.search(r"^Value +– ", text, re.MULTILINE)
    assert "no_actuals: No cost is known by the day" in text
    assert "cost_transactions" in text
    assert "There are no rows behind it" in text
    assert " / " not in text.split("Formula")[1].split("\n")[1]


def test_percentages_and_days_are_told_in_their_own_words(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = told(home, capsys, "on_time_delivery", "--scope", "organization")
    assert "On-time delivery (按时交付率): organization\n" in text
    assert "100 × 3 / 4 = 75 %" in text
    assert "immature: 5 are needed to trust it" in text
    assert "on_time_delivery: 10; immature under n = 5" in text
    assert "Value         2026-12-31" in told(home, capsys, "forecast_finish", "--scope", "project:P1")  # 20,818 days since 1970
    assert [shown_value(None, "%"), shown_value(1234.5, "EUR"), shown_value(3.0, "items")] == ["–", "1,234.50 EUR", "3 items"]


def test_a_formula_of_earned_value_is_told_with_all_its_numbers(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # AC 1,200, EV 900 and CPI 0.75 are those of cpi, BAC 1,500 is that of vac_pct.
    assert "1,200 + (1,500 - 900) / 0.7500 = 2,000" in told(home, capsys, "eac", "--scope", "project:P1")


def test_a_forecast_is_told_with_what_other_factors_make_of_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Range         1,800 to 2,000: eac_1 1,800, eac_cpi 2,000\n" in told(home, capsys, "eac", "--scope", "project:P1")
    finish = " ".join(told(home, capsys, "forecast_finish", "--scope", "project:P1").split())
    assert "Range 2026-11-30 16:00Z to 2026-12-31 16:00Z: forecast_finish_es_1 2026-11-30 16:00Z," in finish
    assert "Range" not in told(home, capsys, "cpi", "--scope", "project:P1")
    assert json.loads(told(home, capsys, "eac", "--scope", "project:P1", "--json"))["family"] == {"eac_1": 1800, "eac_cpi": 2000}


def test_a_metric_that_nobody_feeds_is_told_with_its_definition_and_what_it_needs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = told(home, capsys, "dora_lead_time", "--scope", "project:P1")
    assert "Value         –  (as of 2026-06-30)" in text
    assert "Formula       median" in text
    assert "not_applicable" in text
    assert "not_delivered: Nobody delivers what it is made of: tasks, costs." in text
    assert "definition 1" in text
    found = json.loads(told(home, capsys, "dora_lead_time", "--scope", "project:P1", "--as-of", "2026-05-30", "--json"))
    assert (found["value"], found["status"], found["as_of_date"], found["rows"]) == (None, "not_applicable", "2026-04-30", {})


def test_programs_get_every_row_and_people_as_many_as_they_ask_for(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(told(home, capsys, "cpi", "--scope", "project:P1", "--json"))
    assert (found["metric_id"], found["value"], found["numerator"], found["build_id"]) == ("cpi", 0.75, 900, BUILD)
    assert [past["value"] for past in found["history"]] == [None, 0.9, 0.75]
    assert {part: (rows["rows"], rows["sum"]) for part, rows in found["rows"].items()} == {"numerator": (2, 900), "denominator": (2, 1200)}
    assert found["rows"]["denominator"]["shown"][1]["url"] == "https://tracker.example.com/WEB-1"

    rows = list(csv.DictReader(io.StringIO(told(home, capsys, "cpi", "--scope", "project:P1", "--csv"))))
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["part"], row["record_key"], float(row["amount"])) for row in rows] == [
        ("numerator", "P1/A", 600),
        ("numerator", "P1/B", 300),
        ("denominator", "T1", 1150),
        ("denominator", "E1", 50),
    ]
    cut = told(home, capsys, "cpi", "--scope", "project:P1", "--limit", "1")
    assert "2 rows, sum 900 EUR; the largest 1 (all: --limit 0)" in cut
    assert "P1/B" not in cut
    assert "P1/B" in told(home, capsys, "cpi", "--scope", "project:P1", "--limit", "0")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["cpy", "--scope", "project:P1"], "no metric `cpy`. Known: cpi"),
        (["delivery", "--scope", "organization"], "Known: on_time_delivery"),
        (["cpi", "--scope", "project:P2"], "no scope project:P2. Known: project:P1"),
        (["cpi", "--scope", "team:T1"], "told for portfolio, project, not for `team`"),
        (["cpi", "--scope", "P1"], "is no scope"),
        (["cpi", "--scope", "project:P1", "--as-of", "2026-01-01"], "the first is of 2026-03-31"),
        (["cpi", "--scope", "project:P1", "--as-of", "June"], "is no date"),
        (["dora_lead_time", "--scope", "project:P9"], "no scope project:P9 in this build, and nobody delivers"),
    ],
)
def test_what_is_not_there_ends_with_2_and_names_what_comes_near(
    home: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.execute(["explain", *arguments, "--home", str(home)]) == Status.CONFIGURATION
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""


def test_a_home_without_a_build_says_how_to_get_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.execute(["explain", "cpi", "--scope", "project:P1", "--home", str(tmp_path)]) == Status.OTHER
    assert "pmo run" in capsys.readouterr().err


def test_a_name_cannot_carry_sql(home: Path) -> None:
    for name in ("x'; drop table reports.kpi_values; --", 'cpi" cross join drill."cpi'):
        with pytest.raises(UnknownNumber):
            look_up(home / "published/current", name, "project", "P1")
        with pytest.raises(UnknownNumber):
            look_up(home / "published/current", "cpi", "project", name)


def test_every_reason_that_a_metric_can_have_is_described() -> None:
    """The words are read from the models, so that a new one needs its sentence."""
    words = {
        word
        for file in sorted(MARTS.glob("kpi/*.sql"))
        for word in re.findall(
            r"'((?:no|not|low|short|before|too|mixed|beyond)_[a-z_]+|budget_exhausted|cycle)'", file.read_text(encoding="utf-8")
        )
    }
    assert {"no_due_items", "no_baseline", "no_actuals", "no_capacity", "mixed_units"} <= words
    assert words - REASONS.keys() == set()
    assert [word for word, sentence in (*REASONS.items(), *REASONS_OF_METRICS.items()) if not sentence.endswith(".")] == []


def test_a_reason_names_the_data_of_its_own_metric() -> None:
    with DEFINITIONS.open(encoding="utf-8", newline="") as seed:
        known = {row["metric_id"] for row in csv.DictReader(seed)}
    assert {metric for metric, _ in REASONS_OF_METRICS} <= known
    assert "`cost_transactions`" in str(reason_text("cpi", "no_actuals"))
    assert "`measured_at`" in str(reason_text("benefits_realization", "no_actuals"))
    assert reason_text("training_uplift", "95 % interval -1.00 to 2.00; no causal claim") is None

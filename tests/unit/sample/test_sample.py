"""The synthetic company keeps the file contract, tells its stories, and comes out the same every time."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
import pytest

from ingest import sample
from ingest.entities import ENTITIES, Column, ColumnType, Entity
from ingest.sample import AS_OF, DIRTY_TIMESHEET_ROWS, SCENARIOS, SampleSummary, item_history, timesheets, write_sample

DIRTY = pl.col("entry_id").str.starts_with("T-BAD-")
SHIPPED_AS_SEEDS = {"tolerances", "maturity_thresholds"}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    return write_sample(tmp_path_factory.mktemp("sample") / "company")


def delivered(summary: SampleSummary, entity: str) -> pl.DataFrame:
    """All rows of an entity, every cell as text, the dirty timesheet rows left out."""
    frame = pl.read_csv(summary.folder / f"{entity}.csv", infer_schema=False)
    return frame.filter(~DIRTY) if entity == "timesheet_entries" else frame


def project(summary: SampleSummary, label: str) -> dict[str, str | None]:
    """The register row of the project that plays a scenario."""
    name = next(scenario.name for scenario in SCENARIOS if scenario.label == label)
    return delivered(summary, "projects").filter(pl.col("name") == name).row(0, named=True)


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()
    }


# --- the contract


def test_every_entity_is_delivered_except_the_seeds_that_ship(company: SampleSummary) -> None:
    assert set(company.rows) == set(ENTITIES) - SHIPPED_AS_SEEDS
    assert all(company.rows.values())
    assert company.as_of == AS_OF


@pytest.mark.parametrize("entity", [entity for name, entity in ENTITIES.items() if name not in SHIPPED_AS_SEEDS], ids=lambda e: e.name)
def test_rows_keep_the_contract(company: SampleSummary, entity: Entity) -> None:
    frame = delivered(company, entity.name)
    known = {column.name for column in entity.columns} | {"delete"}
    assert set(frame.columns) <= known
    assert set(entity.required) <= set(frame.columns)
    for name in entity.required:
        assert frame[name].null_count() == 0, name
    keys = frame.select(name for name in entity.key if name in frame.columns)
    assert keys.is_duplicated().sum() == 0
    for group in entity.any_of:
        assert frame.filter(pl.all_horizontal(pl.col(name).is_null() for name in group if name in frame.columns)).is_empty()
    for column in entity.columns:
        if column.name in frame.columns:
            assert bad_cells(frame[column.name].drop_nulls(), column).is_empty(), column.name
    for start, finish in entity.ordered:
        if {start, finish} <= set(frame.columns):
            assert frame.filter(pl.col(finish) < pl.col(start)).is_empty(), (start, finish)


def bad_cells(cells: pl.Series, column: Column) -> pl.Series:
    """Cells that are not what the column's type and limits ask for."""
    patterns = {
        ColumnType.INTEGER: r"^-?\d+$",
        ColumnType.DECIMAL: r"^-?\d+(\.\d+)?$",
        ColumnType.BOOLEAN: r"^(true|false)$",
        ColumnType.DATE: r"^20\d\d-\d\d-\d\d$",
        ColumnType.INSTANT: r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$",
        ColumnType.DATE_OR_INSTANT: r"^20\d\d-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$",
        ColumnType.TIME: r"^\d\d:\d\d$",
        ColumnType.PERIOD: r"^(20\d\d-\d\d|total)$",
        ColumnType.CURRENCY: r"^(EUR|USD)$",
        ColumnType.TIME_ZONE: r"^(Europe/Berlin|America/New_York|Asia/Shanghai)$",
    }
    bad = ~cells.str.contains(patterns.get(column.type, r"\S"))
    if column.choices:
        bad |= ~cells.is_in(column.choices)
    if column.minimum is not None:
        bad |= cells.cast(pl.Float64) < column.minimum
    if column.maximum is not None:
        bad |= cells.cast(pl.Float64) > column.maximum
    return cells.filter(bad)


@pytest.mark.parametrize(
    ("entity", "column", "target", "key"),
    [
        ("portfolios", "parent_portfolio_id", "portfolios", "portfolio_id"),
        ("programs", "portfolio_id", "portfolios", "portfolio_id"),
        ("projects", "program_id", "programs", "program_id"),
        ("projects", "portfolio_id", "portfolios", "portfolio_id"),
        ("projects", "manager_id", "people", "person_id"),
        ("projects", "calendar_id", "calendars", "calendar_id"),
        ("project_scopes", "project_id", "projects", "project_id"),
        ("people", "team_id", "teams", "team_id"),
        ("people", "manager_id", "people", "person_id"),
        ("teams", "parent_team_id", "teams", "team_id"),
        ("leave", "person_id", "people", "person_id"),
        ("baseline_tasks", "project_id", "baselines", "project_id"),
        ("baseline_tasks", "parent_task_id", "baseline_tasks", "task_id"),
        ("task_links", "predecessor_id", "baseline_tasks", "task_id"),
        ("task_links", "successor_id", "baseline_tasks", "task_id"),
        ("task_progress", "task_id", "baseline_tasks", "task_id"),
        ("work_items", "scope_id", "project_scopes", "scope_id"),
        ("work_items", "parent_id", "work_items", "item_id"),
        ("work_items", "assignee", "identities", "source_user_id"),
        ("work_items", "sprint_id", "sprints", "sprint_id"),
        ("work_items", "version_id", "versions", "version_id"),
        ("work_items", "status", "status_map", "status"),
        ("work_items", "type", "item_type_map", "type"),
        ("item_events", "item_id", "work_items", "item_id"),
        ("timesheet_entries", "project_id", "projects", "project_id"),
        ("timesheet_entries", "scope_id", "project_scopes", "scope_id"),
        ("timesheet_entries", "item_id", "work_items", "item_id"),
        ("timesheet_entries", "activity", "activity_map", "activity"),
        ("cost_transactions", "project_id", "projects", "project_id"),
        ("cost_transactions", "scope_id", "project_scopes", "scope_id"),
        ("cost_transactions", "category", "cost_category_map", "source_category"),
        ("cost_transactions", "reverses_id", "cost_transactions", "transaction_id"),
        ("budgets", "category", "cost_category_map", "source_category"),
        ("documents", "template_id", "documents", "document_id"),
        ("lessons", "reused_by_project_id", "projects", "project_id"),
        ("project_objectives", "objective_id", "objectives", "objective_id"),
    ],
)
def test_references_lead_somewhere(company: SampleSummary, entity: str, column: str, target: str, key: str) -> None:
    known = delivered(company, target)[key].unique()
    cells = delivered(company, entity)[column].drop_nulls()
    assert len(cells) > 0
    assert cells.filter(~cells.is_in(known.implode())).is_empty()


def test_statuses_named_in_events_are_mapped_too(company: SampleSummary) -> None:
    events = delivered(company, "item_events").filter(pl.col("field") == "status")
    mapped = delivered(company, "status_map")["status"]
    named = pl.concat([events["from_value"], events["to_value"]]).unique()
    assert named.filter(~named.is_in(mapped.implode())).is_empty()


def test_dirty_rows_are_few_and_marked(company: SampleSummary) -> None:
    frame = pl.read_csv(company.folder / "timesheet_entries.csv", infer_schema=False)
    assert frame.filter(DIRTY).height == DIRTY_TIMESHEET_ROWS
    assert frame.height * 0.05 > DIRTY_TIMESHEET_ROWS


def test_mail_addresses_are_in_the_reserved_domain(company: SampleSummary) -> None:
    people = delivered(company, "people")
    assert people["email"].str.ends_with("@example.com").all()
    assert people["name"].str.contains(r"^Person \d+$").all()


# --- the stories


def test_size_of_the_company(company: SampleSummary) -> None:
    assert company.rows["projects"] == 24
    assert company.rows["people"] == 60
    assert company.rows["work_items"] == 3600
    assert set(delivered(company, "projects")["status"]) == {"proposed", "approved", "active", "on_hold", "cancelled", "closed"}
    assert set(delivered(company, "projects")["currency"]) == {"EUR", "USD"}
    assert set(delivered(company, "calendars")["calendar_id"]) == {"standard", "us-office"}


def test_the_newest_project_has_no_baseline(company: SampleSummary) -> None:
    started = project(company, "no_baseline")
    assert started["status"] == "active"
    assert delivered(company, "baselines").filter(pl.col("project_id") == started["project_id"]).is_empty()


def test_one_project_is_on_hold_and_nobody_books_on_it_any_more(company: SampleSummary) -> None:
    held = project(company, "on_hold")
    assert held["status"] == "on_hold"
    hours = delivered(company, "timesheet_entries").filter(pl.col("project_id") == held["project_id"])
    assert hours.height > 0
    assert str(hours["work_date"].max()) < "2026-02-10"


def test_finished_projects_differ_in_how_late_they_were(company: SampleSummary) -> None:
    late, on_time = project(company, "finished_late"), project(company, "finished_on_time")
    assert str(late["actual_finish"])[:7] > str(late["planned_finish"])[:7]
    assert str(on_time["planned_finish"])[:4] == str(on_time["actual_finish"])[:4]


def test_closed_projects_are_complete(company: SampleSummary) -> None:
    closed = delivered(company, "projects").filter(pl.col("status") == "closed")
    assert closed["actual_finish"].null_count() == 0
    newest = delivered(company, "task_progress").join(closed, on="project_id").group_by("task_id").agg(pl.col("percent_complete").last())
    assert set(newest["percent_complete"]) == {"100.0"}
    leaves = delivered(company, "baseline_tasks").join(closed, on="project_id").filter(pl.col("parent_task_id").is_not_null())
    assert set(newest["task_id"]) == set(leaves["task_id"])


def test_a_rebaselined_project_has_two_versions_and_its_change_request(company: SampleSummary) -> None:
    changed = project(company, "rebaselined")["project_id"]
    versions = delivered(company, "baselines").filter(pl.col("project_id") == changed)
    assert versions["baseline_version"].to_list() == ["0", "1"]
    assert versions["is_active"].to_list() == ["false", "true"]
    assert delivered(company, "budgets").filter(pl.col("project_id") == changed)["budget_version"].n_unique() == 2
    requests = delivered(company, "change_requests").filter(pl.col("project_id") == changed)
    assert "Additional reporting scope" in requests["title"].to_list()


def test_every_earning_method_and_accrual_occurs(company: SampleSummary) -> None:
    tasks = delivered(company, "baseline_tasks")
    methods = {"percent_complete", "0_100", "50_50", "milestone_weight", "level_of_effort"}
    assert set(tasks["earning_method"].drop_nulls()) == methods
    assert set(tasks["fixed_cost_accrual"].drop_nulls()) == {"start", "prorated", "end"}
    summaries = tasks.filter(pl.col("parent_task_id").is_null())
    assert summaries["budget"].null_count() == summaries.height


def test_histories_hold_what_a_flow_report_must_survive(company: SampleSummary) -> None:
    events = delivered(company, "item_events")
    fields = {"status", "assignee", "sprint", "estimate", "priority", "type", "scope", "flagged", "deleted"}
    assert set(events["field"]) == fields
    categories = dict(delivered(company, "status_map").select("status", "category").iter_rows())
    moves = events.filter(pl.col("field") == "status").with_columns(
        pl.col("from_value").replace_strict(categories).alias("left"), pl.col("to_value").replace_strict(categories).alias("entered")
    )
    found = set(moves.select("left", "entered").iter_rows())
    assert {("done", "active"), ("backlog", "active"), ("backlog", "done"), ("active", "waiting"), ("done", "discarded")} <= found
    bulk = moves.filter(pl.col("entered") == "discarded").group_by("occurred_at").len()
    assert bulk["len"].max() >= 3
    assert delivered(company, "work_items")["delete"].drop_nulls().len() > 0
    assert str(events["occurred_at"].max()) <= "2026-06-30T23:59:59Z"


def test_the_current_status_is_the_last_events(company: SampleSummary) -> None:
    moves = delivered(company, "item_events").filter(pl.col("field") == "status").group_by("item_id", maintain_order=True)
    joined = moves.agg(pl.col("to_value").last()).join(delivered(company, "work_items"), on="item_id")
    assert joined.filter(pl.col("to_value") != pl.col("status")).is_empty()


def test_timesheets_have_gaps_late_weeks_overtime_and_a_stranger(company: SampleSummary) -> None:
    entries = delivered(company, "timesheet_entries").with_columns(
        pl.col("work_date").str.to_date(), pl.col("hours").cast(pl.Float64), pl.col("submitted_at").str.slice(0, 10).str.to_date()
    )
    weeks = entries.group_by("person", pl.col("work_date").dt.truncate("1w").alias("week")).agg(
        pl.col("hours").sum(), pl.col("submitted_at").max()
    )
    assert weeks.filter(pl.col("hours") > 40).height > 20
    assert weeks.filter(pl.col("submitted_at") > pl.col("week") + pl.duration(days=8)).height > 50
    assert timesheets.UNKNOWN_USER in entries["person"].to_list()
    assert entries.group_by("person", "work_date").agg(pl.col("hours").sum())["hours"].max() <= 24
    busiest = weeks.filter(pl.col("person") == "u001").sort("week")["week"].diff().drop_nulls()
    assert busiest.dt.total_days().max() > 7


def test_the_ledger_has_credits_accruals_commitments_and_payroll(company: SampleSummary) -> None:
    ledger = delivered(company, "cost_transactions").with_columns(pl.col("amount").cast(pl.Float64))
    assert ledger.filter((pl.col("kind") == "actual") & (pl.col("amount") < 0))["reverses_id"].null_count() == 0
    accruals = ledger.filter(pl.col("kind") == "accrual")
    standing = accruals.filter((pl.col("amount") > 0) & ~pl.col("transaction_id").is_in(accruals["reverses_id"].drop_nulls().implode()))
    assert set(standing["posting_date"]) == {"2026-06-30"}
    assert accruals["amount"].sum() == pytest.approx(standing["amount"].sum())
    assert standing.height < accruals.filter(pl.col("amount") < 0).height
    assert "commitment" in ledger["kind"].to_list()
    payroll = ledger.filter(pl.col("category") == "Personnel")["project_id"].unique()
    from_ledger = delivered(company, "projects").filter(pl.col("labor_cost_source") == "ledger")["project_id"]
    assert set(from_ledger) < set(payroll)


def test_gates_are_passed_in_every_way_and_bypassed(company: SampleSummary) -> None:
    gates = delivered(company, "stage_gates")
    assert set(gates["decision"].drop_nulls()) == {"approved", "approved_with_conditions", "rejected", "waived"}
    bypassed = gates.filter(
        pl.col("next_phase_started_at").is_not_null()
        & (pl.col("decided_at").is_null() | (pl.col("decided_at") > pl.col("next_phase_started_at")))
    )
    expected = {project(company, "late")["project_id"], project(company, "budget_exhausted")["project_id"]}
    assert set(bypassed["project_id"]) == expected


def test_exchange_rates_pause_at_weekends(company: SampleSummary) -> None:
    days = delivered(company, "fx_rates")["date"].str.to_date().dt.weekday()
    assert set(days) == {1, 2, 3, 4, 5}


def test_reports_are_missing_late_and_too_green(company: SampleSummary) -> None:
    reports = delivered(company, "status_reports")
    assert reports["submitted_at"].null_count() > 0
    assert reports.filter(pl.col("submitted_at") > pl.col("due_at")).height > 0
    green = reports.filter(pl.col("project_id") == project(company, "watermelon")["project_id"])
    assert set(green["overall_rag"].drop_nulls()) == {"green"}


# --- the command's options


def test_same_arguments_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_sample(tmp_path / name, projects=6, months=6, items=300, seed=3)
    assert contents(tmp_path / "first") == contents(tmp_path / "second")


def test_another_seed_gives_other_rows_and_the_same_stories(tmp_path: Path) -> None:
    first = write_sample(tmp_path / "first", projects=4, months=6, items=100, seed=3)
    second = write_sample(tmp_path / "second", projects=4, months=6, items=100, seed=4)
    assert contents(first.folder)["timesheet_entries.csv"] != contents(second.folder)["timesheet_entries.csv"]
    assert delivered(first, "projects")["name"].equals(delivered(second, "projects")["name"])


def test_parquet_holds_the_same_rows(tmp_path: Path) -> None:
    text = write_sample(tmp_path / "csv", projects=4, months=6, items=100)
    typed = write_sample(tmp_path / "parquet", projects=4, months=6, items=100, file_format="parquet")
    assert text.rows == typed.rows
    assert {path.suffix for path in typed.folder.iterdir()} == {".parquet"}
    hours = pl.read_parquet(typed.folder / "timesheet_entries.parquet")
    assert hours.schema["work_date"] == pl.Date
    assert hours.schema["submitted_at"] == pl.Datetime("ms", "UTC")


def test_items_scale_the_company_and_large_entities_come_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_history, "ITEMS_PER_PART", 2_000)
    monkeypatch.setattr(sample, "ITEMS_PER_PART", 2_000)
    monkeypatch.setattr(timesheets, "PEOPLE_PER_PART", 50)
    monkeypatch.setattr(sample, "PEOPLE_PER_PART", 50)
    summary = write_sample(tmp_path / "large", projects=3, months=3, items=7_000)
    assert summary.rows["work_items"] == 7_000
    assert summary.rows["people"] == 7_000 // 60
    assert sorted(path.name for path in (summary.folder / "work_items").iterdir()) == [f"part-{n:04d}.csv" for n in range(1, 5)]
    items = pl.read_csv(summary.folder / "work_items" / "*.csv", infer_schema=False)
    assert items["item_id"].n_unique() == 7_000
    entries = pl.read_csv(summary.folder / "timesheet_entries" / "*.csv", infer_schema=False)
    assert entries["entry_id"].n_unique() == entries.height == summary.rows["timesheet_entries"]


@pytest.mark.parametrize(("projects", "months", "items"), [(1, 1, 1), (2, 1, 40), (30, 4, 200), (15, 40, 500)])
def test_unusual_sizes_work(tmp_path: Path, projects: int, months: int, items: int) -> None:
    summary = write_sample(tmp_path / "odd", projects=projects, months=months, items=items)
    assert summary.rows["projects"] == projects
    assert summary.rows["work_items"] == items
    assert delivered(summary, "project_scopes")["scope_id"].is_unique().all()


def test_payloads_are_refused_with_what_to_choose(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="choose csv or parquet"):
        write_sample(tmp_path / "out", file_format="payloads")  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "projects.csv").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        write_sample(tmp_path)
    assert (tmp_path / "projects.csv").read_text() == "mine"

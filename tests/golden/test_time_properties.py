"""What time, order and cut must not change: a look back equals the history, days add up to weeks and months, pieces give the whole.

Belongs here: three builds of one random company, and what they must have in common.
Does not: single figures (the golden files of each area).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from ingest.sample import AS_OF
from reports.builds import published_content
from reports.contract import CONTENT_TABLES, TABLES
from reports.hashes import table_content
from tests.oracle import flow
from tests.oracle.flow_histories import CATEGORY_OF
from tests.oracle.whole_company import ITEMS, ZONES, Home, deliver_in_pieces, deliver_whole, rows

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("time")]

THEN = date(2026, 5, 31)
"""A month end that is a Sunday: every period that had begun was over."""

HISTORIES = {
    "kpi_values": "as_of_date",
    "project_evm": "status_date",
    "project_flow": "week_start + 6",
    "cumulative_flow": "day",
    "resource_utilization": "week_start + 6",
    "risk_exposure": "month_end",
    "scope_change": "last_day(month)",
    "pmo_capability": "last_day(month)",
    "maturity_levels": "last_day(month)",
    "pmo_effect": "last_day(month)",
}
"""Published tables that tell of past days, with the day that a row tells of."""

FINISHED_ITEMS = {
    "throughput", "discarded", "defects_closed", "lead_time_p50", "lead_time_p85", "cycle_time_p50", "cycle_time_p85", "flow_efficiency",
    "blocked_share", "lead_time_p50_days", "lead_time_p85_days", "cycle_time_p50_days", "cycle_time_p85_days",
}  # fmt: skip
"""What a later reopening takes out of the week again, by definition."""


OF_THE_STATUS_DATE = {
    "allocation_load", "capacity_gap", "cpli", "data_freshness", "dcma_score", "delivery_forecast", "dq_pass_rate",
    "source_reconciliation", "unmapped_status_share",
}  # fmt: skip
"""What is told of the status date alone: plans and forecasts as they stand, and the state of the data itself. They have no history."""


class Builds(NamedTuple):
    """Warehouses of one company: as of its last day, as of an earlier one, and from a delivery in pieces."""

    now: Path
    then: Path
    pieces: Path


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    root = tmp_path_factory.mktemp("time")
    home: Home = deliver_whole(root / "whole")
    pieces = deliver_in_pieces(root / "pieces", seed=11)
    return Builds(
        home.build(root / "now", AS_OF),
        # One file may not be opened as two databases of one name, so this one is looked at under another.
        home.build(root / "then", THEN).rename(root / "then" / "then.duckdb"),
        pieces.build(root / "again", AS_OF),
    )


@pytest.fixture(scope="module")
def both(builds: Builds) -> Iterator[duckdb.DuckDBPyConnection]:
    """Tables as they were then and are now: views `then_<table>` and `now_<table>` over the rows of days up to then."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, path in (("now", builds.now), ("then", builds.then)):
            connection.execute(f"attach '{path}' as {name}_build (read_only)")
            for table, day in HISTORIES.items():
                if table in TABLES:
                    connection.execute(
                        f"create view {name}_{table} as select * from {name}_build.reports.{table} where {day} <= date '{THEN}'"
                    )
        # Weeks in which an item was finished then that has moved on since: reopened, or finished once more.
        week = "date_trunc('week', {}.{})::date"
        done, dropped = week.format("t", "last_done_on"), week.format("t", "state_since")
        connection.execute(
            f"""
            create view moved_on as
            select distinct t.project_id, case when t.state = 'done' then {done} else {dropped} end as week_start
            from then_build.marts.work_item_facts as t
            inner join now_build.marts.work_item_facts as n on (t.source, t.item_id) = (n.source, n.item_id)
            where t.state in ('done', 'discarded')
                and (t.state, t.last_done_on, t.state_since) is distinct from (n.state, n.last_done_on, n.state_since)
            """
        )
        yield connection


@pytest.mark.parametrize("table", [name for name in HISTORIES if name in TABLES])
def test_a_look_back_is_what_the_history_says_of_that_day(both: duckdb.DuckDBPyConnection, table: str) -> None:
    key = TABLES[table].key
    on = " and ".join(f't."{column}" is not distinct from n."{column}"' for column in key)
    columns = [str(row[0]) for row in both.execute(f"describe now_{table}").fetchall()]
    measures = [column for column in columns if column not in key and column not in TABLES[table].volatile]
    total = both.execute(f"select count(*) from now_{table}").fetchall()[0][0]
    assert total > 0
    differences = {}
    for column in measures:
        except_for = ""
        if table == "project_flow" and column in FINISHED_ITEMS:
            except_for = "and (t.project_id, t.week_start) not in (from moved_on)"
        if table == "kpi_values":
            finished = ", ".join(f"'{metric}'" for metric in sorted(FINISHED_ITEMS))
            except_for = f"and not (t.metric_id in ({finished}) and (t.scope_id, t.period_start) in (from moved_on))"
        found = both.execute(
            f"""
            select {", ".join(f't."{name}"' for name in key)}, t."{column}", n."{column}"
            from then_{table} as t inner join now_{table} as n on {on}
            where t."{column}" is distinct from n."{column}" {except_for}
            order by all
            """
        ).fetchall()
        if found:
            differences[column] = (len(found), found[:3])
    assert differences == {}

    only_now = both.execute(f"select {', '.join(key)} from now_{table} as n anti join then_{table} as t on {on}").fetchall()
    assert only_now == []
    # The status date itself has a row for every project, also for one whose history has not begun: nothing is told of it yet.
    only_then = both.execute(f"select t.* from then_{table} as t anti join now_{table} as n on {on}").fetchall()
    if table == "kpi_values":
        value = columns.index("value")
        only_then = [row for row in only_then if row[0] not in OF_THE_STATUS_DATE and row[value]]
    assert [row for row in only_then if table != "project_evm"] == []


def test_some_weeks_were_told_otherwise_later(both: duckdb.DuckDBPyConnection) -> None:
    """Else the exception above hides nothing, and nobody would see it grow."""
    moved, weeks = both.execute(
        "select (select count(*) from moved_on), (select count(*) from then_project_flow where throughput > 0)"
    ).fetchall()[0]
    assert 0 < moved < weeks / 4


def test_hours_of_days_are_those_of_weeks(builds: Builds) -> None:
    days = rows(builds.now, "select work_date::date, hours::decimal(18, 9) from landing.timesheet_entries where not _deleted")
    weeks: Counter[date] = Counter()
    for day, hours in days:
        assert isinstance(day, date)
        weeks[day - timedelta(days=day.weekday())] += Fraction(str(hours))  # type: ignore[assignment]
    logged = "select week_start, logged_hours from reports.resource_utilization where scope_type = 'organization'"
    published = {week: Fraction(str(hours)) for week, hours in rows(builds.now, logged)}
    assert {week: hours for week, hours in published.items() if hours} == weeks


def test_costs_of_days_are_those_of_months(builds: Builds) -> None:
    """Ledger lines as delivered, by month; and AC at each month end is the sum of the months up to it."""
    delivered: Counter[tuple[object, date]] = Counter()
    globe = "select project_id, posting_date::date, amount from landing.cost_transactions where transaction_id like 'globe-%'"
    for project, day, amount in rows(builds.now, globe + " and kind = 'actual'"):
        assert isinstance(day, date)
        delivered[project, day.replace(day=1)] += Fraction(str(amount))  # type: ignore[assignment]
    monthly = "select project_id, month, sum(actual) from reports.cost_summary where project_id like 'Z-%' and actual <> 0 group by all"
    assert {(project, month): Fraction(str(amount)) for project, month, amount in rows(builds.now, monthly)} == delivered

    unequal = """
        with months as (
            select project_id, last_day(month) as status_date,
                sum(sum(coalesce(actual, 0) + coalesce(accrual, 0) + coalesce(labor_from_timesheets, 0)))
                    over (partition by project_id order by month) as spent
            from reports.cost_summary group by project_id, month
        ),
        days as (
            select evm.project_id, evm.status_date, sum(costs.ac_delta) as spent
            from reports.project_evm as evm
            inner join marts.actual_costs_daily as costs on costs.project_id = evm.project_id and costs.cost_date <= evm.status_date
            group by evm.project_id, evm.status_date, evm.baseline_version
        )
        select evm.project_id, evm.status_date, evm.ac, months.spent, days.spent
        from reports.project_evm as evm
        inner join months using (project_id, status_date)
        inner join days using (project_id, status_date)
        where evm.project_id like 'Z-%' and (abs(evm.ac - months.spent) > 0.001 or abs(evm.ac - days.spent) > 0.001)
    """
    assert rows(builds.now, unequal) == []
    ends = rows(builds.now, "select distinct status_date from reports.project_evm where project_id like 'Z-%' and ac is not null")
    assert len(ends) >= 8


def test_items_of_days_are_those_of_weeks_in_every_zone(builds: Builds) -> None:
    """Arrivals and throughput by the local day, counted item by item; three of the zones changed their clocks, one by half an hour."""
    arrived: Counter[tuple[str, date]] = Counter()
    done: Counter[tuple[str, date]] = Counter()
    for item in ITEMS:
        project = flow.Project(item.project_id, ZONES[item.project_id], {})
        replay = flow.replay(item, project, CATEGORY_OF, AS_OF)
        if item.is_deleted or replay is None:
            continue
        arrived[item.project_id, project.day_of(item.created_at)] += 1
        if replay.state == "done" and replay.last_done_at is not None:
            done[item.project_id, project.day_of(replay.last_done_at)] += 1
    for measure, by_day in (("arrivals", arrived), ("throughput", done)):
        weeks: Counter[tuple[str, date]] = Counter()
        for (project_id, day), count in by_day.items():
            weeks[project_id, day - timedelta(days=day.weekday())] += count
        published = rows(builds.now, f"select project_id, week_start, {measure} from reports.project_flow where project_id like 'Z-%'")
        assert {(project_id, week): count for project_id, week, count in published if count} == weeks

    standing = "select project_id, day, sum(items), sum(items) filter (category = 'done') from reports.cumulative_flow"
    for name, evening, items, finished in rows(builds.now, f"{standing} where project_id like 'Z-%' group by all"):
        assert isinstance(evening, date)
        assert items == sum(count for (project_id, day), count in arrived.items() if project_id == name and day <= evening)
        assert evening < AS_OF or finished == sum(count for (project_id, _), count in done.items() if project_id == name)


def test_order_cut_and_number_of_deliveries_change_nothing(builds: Builds) -> None:
    """Every published table and all evidence, hash by hash; the quarantine names the file and the line, which are others."""
    compared = [table for table in CONTENT_TABLES if table.name != "quarantine"]
    hashes = []
    for path in (builds.now, builds.pieces):
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            evidence = connection.execute("select table_name from duckdb_tables() where schema_name = 'evidence'").fetchall()
            found = {table.name: published_content(connection, f"reports.{table.name}", table.name, "B1") for table in compared}
            # A label may say in how many loads something came.
            found |= {str(name): table_content(connection, f"evidence.{name}", leave_out=("label",)) for (name,) in evidence}
            hashes.append(found)
    whole, pieces = hashes
    assert {name for name in whole if whole[name] != pieces[name]} == set()
    assert sum(content.rows for content in whole.values()) > 10_000

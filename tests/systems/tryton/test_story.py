"""A company is read, lives on, is read again and once more: the sums of the source are those of landing, of core and of what is published.

Three runs of the real command on a real Tryton; each test looks at one side of them. What changes in between is changed through Tryton's
own API, but for a cancelling move, a credit note and a second company, which REST does not offer.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.paths import Home
from tests.support.command import Workplace
from tests.support.shared import parsed_by_dbt
from tests.systems.tryton import changes
from tests.systems.tryton.server import DATABASE, Installation, Tryton

AS_OF = "2026-11-26"
PROJECTS = {"P1": (1, "PRG1"), "P2": (8, "PRG2"), "P3": (15, "PRG3"), "P4": (22, "PRG4")}
ANALYTIC = {2: "P1", 3: "P2", 4: "P3", 5: "P4"}
CENT = Decimal("0.01")
Rows = list[tuple[Any, ...]]


@dataclass
class Told:
    """What the source says at a moment, added up from its own answers."""

    hours: Decimal
    lines: int
    posted: dict[str, Decimal]
    """Project -> debit less credit of the lines of posted moves."""
    durations: dict[str, Decimal]
    """Project -> hours that Tryton itself has computed."""


@dataclass
class Run:
    """One run: how it ended, what was landed, what it left."""

    status: int
    said: str
    folder: Path
    content: dict[str, tuple[int, str]]
    told: Told

    def query(self, sql: str) -> Rows:
        """Rows of the warehouse of this run."""
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        """The only value of the only row."""
        ((value,),) = self.query(sql)
        return value


@dataclass
class Story:
    """The runs, and the ids of what was made between the first and the second."""

    runs: list[Run] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=dict)


def decimal_of(value: dict[str, str]) -> Decimal:
    return Decimal(value["decimal"])


def told(tryton: Tryton) -> Told:
    """Added up from the source, by requests of its own."""
    own = ["company", "=", 1]
    lines = tryton.rows("timesheet.line", ["duration"], [own])
    hours = sum((Decimal(str(line["duration"]["seconds"])) for line in lines), Decimal(0)) / 3600
    posted: dict[str, Decimal] = {}
    for line in tryton.rows("analytic_account.line", ["account", "debit", "credit", "move_line.move.state"], [own]):
        if line["move_line"]["move"]["state"] == "posted":
            project = ANALYTIC[line["account"]]
            posted[project] = posted.get(project, Decimal(0)) + decimal_of(line["debit"]) - decimal_of(line["credit"])
    works = tryton.rows("project.work", ["timesheet_duration"], [own, ["type", "=", "project"]])
    durations = {project: Decimal(0) for project in PROJECTS}
    for work in works:
        for project, (root, _) in PROJECTS.items():
            if work["id"] == root and work["timesheet_duration"]:
                durations[project] = Decimal(str(work["timesheet_duration"]["seconds"])) / 3600
    return Told(hours, len(lines), posted, durations)


def workplace(root: Path, tryton: Tryton) -> Workplace:
    """The source, and what a PMO delivers beside it."""
    place = Workplace(root)
    place.delivered.mkdir(parents=True)
    (root / "tryton.key").touch(mode=0o600)
    (root / "tryton.key").write_text(tryton.key)
    (root / "pmo.toml").write_text(
        f"""home = "home"
time_zone = "Europe/Berlin"

[[sources]]
type = "tryton"
name = "tryton"
base_url = "{tryton.url}"
database = "{DATABASE}"
key = {{ file = "tryton.key" }}
company = 1

[[sources]]
type = "files"
name = "registers"
path = "delivered"
"""
    )
    registers = {
        "projects": ["project_id,name,status,currency,planned_start,planned_finish"]
        + [f"{project},Program {project},active,EUR,2026-01-01,2026-12-31" for project in PROJECTS],
        "project_scopes": ["source,scope_type,scope_id,project_id"]
        + [f"tryton,work,{work},{project}\ntryton,account,{code},{project}" for project, (work, code) in PROJECTS.items()],
        "cost_category_map": ["source,source_category,category", "tryton,2.2.1,services"]
        + [f"tryton,{code},services" for _, code in PROJECTS.values()],
        "people": ["person_id,name", "p-one,Person One"],
        "identities": ["source,source_user_id,person_id", "tryton,1,p-one"],
    }
    for name, lines in registers.items():
        (place.delivered / f"{name}.csv").write_text("\n".join(lines) + "\n")
    shutil.copytree(parsed_by_dbt().parent, Home(place.home).dbt_target)
    return place


def run(place: Workplace, tryton: Tryton, folder: Path) -> Run:
    """A run of the nightly job; its warehouse is kept."""
    done = place.pmo("run", "--as-of", AS_OF)
    folder.mkdir(parents=True)
    said = done.stdout + done.stderr
    if done.returncode == 0:
        shutil.copy(next(place.home.glob("work/**/warehouse.duckdb")), folder / "warehouse.duckdb")
    return Run(done.returncode, said, folder, place.content() if done.returncode == 0 else {}, told(tryton))


def live_on(tryton: Tryton) -> dict[str, int]:
    """Some days in the life of the company."""
    made = {"line": changes.new_line(tryton, 1, 1, "2026-10-01", 1.5)}
    changes.change_line(tryton, 5, 1.25)
    changes.delete_line(tryton, 6)
    made["work"] = changes.plain_work(tryton, "Reading")
    made["plain_line"] = changes.new_line(tryton, 2, made["work"], "2026-10-02", 3)
    changes.progress(tryton, 2, 0.5)
    tryton.write("PUT", "project.work/3", {"status": 2, "progress": 1.0})
    made["open_purchase"], _ = changes.purchase(tryton, 2, 7, changes.EUR, "2026-10-03")
    made["invoiced_purchase"], invoice = changes.purchase(tryton, 3, 16, changes.USD, "2026-08-03")
    changes.post_invoice(tryton, invoice, "2026-08-20")
    changes.cost_price(tryton, 1, "2026-06-15", "100")
    changes.exchange_rate(tryton, changes.USD, "2026-11-15", "1.25")
    changes.deactivate_account(tryton, 5)
    changes.leave(tryton, 4, "2026-11-01")
    made["draft"] = tryton.script("cancel_move", move=40, post=False)["move"]
    made["cancelling"] = tryton.script("cancel_move", move=39, post=True)["move"]
    made["credit"] = tryton.script("credit_invoice", invoice=2, refund=False)["move"]
    made["other_line"] = tryton.script("second_company", name="Other")["line"]
    return made


@pytest.fixture(scope="module")
def story(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Read, live on, read, read again."""
    root = tmp_path_factory.mktemp("story")
    story = Story()
    with Tryton(installation, root / "tryton") as tryton:
        place = workplace(root / "work", tryton)
        story.runs.append(run(place, tryton, root / "first"))
        assert story.runs[0].status == 0, story.runs[0].said
        story.made = live_on(tryton)
        story.runs.append(run(place, tryton, root / "second"))
        story.runs.append(run(place, tryton, root / "third"))
        yield story


@pytest.mark.parametrize("number", [0, 1, 2])
def test_every_run_is_published(story: Story, number: int) -> None:
    assert story.runs[number].status == 0, story.runs[number].said


@pytest.mark.parametrize("number", [0, 1])
def test_trap_5_the_sums_of_the_source_are_those_of_landing_core_and_the_published_tables(story: Story, number: int) -> None:
    run = story.runs[number]
    assert run.one("select sum(hours) from core.timesheet_entries") == run.told.hours
    assert run.one("select total from core.landed_totals where entity = 'timesheet_entries'") == run.told.hours
    core = dict(run.query("select project_id, sum(amount) from core.cost_transactions where kind = 'actual' group by 1"))
    assert core == run.told.posted
    assert run.one("select total from core.landed_totals where entity = 'cost_transactions'") == sum(run.told.posted.values())
    published = dict(run.query("select project_id, sum(actual) from reports.cost_summary group by 1"))
    assert {project: amount.quantize(CENT) for project, amount in published.items()} == run.told.posted
    week_hours = run.one("select sum(logged_hours) from reports.resource_utilization where scope_type = 'organization'")
    assert week_hours == run.told.hours


@pytest.mark.parametrize("number", [0, 1])
def test_trap_12_our_hours_of_a_project_are_those_that_tryton_computes(story: Story, number: int) -> None:
    run = story.runs[number]
    ours = dict(run.query("select project_id, sum(hours) from core.timesheet_entries where project_id is not null group by 1"))
    assert ours == run.told.durations


def test_the_published_numbers_follow_the_changes(story: Story) -> None:
    before, after = story.runs[:2]
    actual = "select project_id, sum(actual) from reports.cost_summary group by 1"
    moved = {project: amount - dict(before.query(actual))[project] for project, amount in after.query(actual)}
    # the invoice on P2 less the credit note over PRG2's invoice of 4,950.00; the move 39 of P3 is cancelled
    cancelled = before.one("select sum(amount) from core.cost_transactions where transaction_id = 'aline:39'")
    assert moved == {"P1": 0, "P2": Decimal("6206.90") - Decimal("4950.00"), "P3": -cancelled, "P4": 0}
    open_orders = "select sum(commitment) from reports.cost_summary where project_id = 'P1'"
    assert (before.one(open_orders), after.one(open_orders)) == (0, 3150)
    costs = "select value from reports.kpi_values where metric_id = 'ac' and scope_id = 'P2' and as_of_date = date '2026-11-26'"
    labor = "select sum(labor_from_timesheets) from reports.cost_summary where project_id = 'P2'"
    for run in (before, after):
        assert run.one(costs) == pytest.approx(float(run.told.posted["P2"] + run.one(labor)), abs=0.005)


def test_trap_7_a_rate_that_is_added_backwards_shows_in_rates_and_not_on_old_lines(story: Story) -> None:
    before, after = story.runs[:2]
    rates = "select valid_from::varchar, valid_to::varchar, cost_rate from core.rates where person_id = 'p-one' order by 1"
    assert before.query(rates) == [("2026-01-01", "2026-06-30", 40), ("2026-07-01", None, 44)]
    assert after.query(rates) == [("2026-01-01", "2026-06-14", 40), ("2026-06-15", "2026-06-30", 100), ("2026-07-01", None, 44)]
    frozen = """
        select {'rate': r.cost_price.decimal} from staging.base_tryton__timesheet_lines
        where r.employee = '1' and not is_deleted and make_date(r.date.year::int, r.date.month::int, r.date.day::int) between
            date '2026-06-15' and date '2026-06-30'
        group by 1
    """
    assert after.query(frozen) == before.query(frozen) == [({"rate": "40"},)]
    labor = """
        select rate from marts.labor_costs where person_id = 'p-one' and work_date in (date '2026-06-30', date '2026-07-01')
        group by work_date, rate order by work_date
    """
    assert before.query(labor) == [(40,), (44,)]
    assert after.query(labor) == [(100,), (44,)]


def test_trap_6_an_invoice_in_another_currency_is_the_cost_that_tryton_booked(story: Story) -> None:
    line = """
        select costs.amount, costs.currency, costs.document_date::varchar, costs.category_original, lines.payload
        from core.cost_transactions as costs
        inner join landing.tryton__analytic_lines as lines on 'aline:' || lines._record_id = costs.transaction_id
        where costs.amount = 6206.90
    """
    rows = story.runs[0].query(line)
    assert [row[:4] for row in rows] == [(Decimal("6206.90"), "EUR", "2026-08-20", "2.2.1")]
    assert '"amount_second_currency":{"__class__":"Decimal","decimal":"7200.00"}' in rows[0][4]


def test_trap_8_new_changed_and_deleted_hours(story: Story) -> None:
    before, after = story.runs[:2]
    hours = "select hours from core.timesheet_entries where entry_id = '{}'"
    assert after.query(hours.format(story.made["line"])) == [(Decimal("1.5"),)]
    assert after.query(hours.format(5)) == [(Decimal("1.25"),)]
    assert before.query(hours.format(6)) != []
    assert after.query(hours.format(6)) == []
    assert after.one("select count(*) from landing.tryton__timesheet_lines where _record_id = '6' and _deleted") == 1
    assert after.one("select count(*) from core.timesheet_entries") == after.told.lines


def test_trap_9_a_posted_invoice_turns_a_commitment_into_a_cost(story: Story) -> None:
    after = story.runs[1]
    commitment = """
        select amount, currency, posting_date::varchar from core.cost_transactions
        where kind = 'commitment' and transaction_id in (
            select 'poline:' || record_id from staging.base_tryton__purchase_lines where r.purchase = '{}'
        )
    """
    assert after.query(commitment.format(story.made["open_purchase"])) == [(Decimal(3150), "EUR", "2026-10-03")]
    assert after.query(commitment.format(story.made["invoiced_purchase"])) == [(Decimal(0), "USD", "2026-08-03")]
    assert story.runs[0].one("select sum(amount) from core.cost_transactions where kind = 'commitment'") == 0


def test_trap_10_what_takes_a_cost_back_names_it_and_a_draft_changes_nothing(story: Story) -> None:
    after = story.runs[1]
    of_move = """
        select costs.amount, costs.reverses_id, reversed.amount
        from core.cost_transactions as costs
        inner join staging.base_tryton__analytic_lines as lines on 'aline:' || lines.record_id = costs.transaction_id
        left join core.cost_transactions as reversed on reversed.transaction_id = costs.reverses_id
        where lines.r.move_line.move = '{}'
    """
    for move in (story.made["cancelling"], story.made["credit"]):
        ((amount, reverses, reversed_amount),) = after.query(of_move.format(move))
        assert amount < 0
        assert reverses.startswith("aline:")
        assert amount == -reversed_amount
    assert after.query(of_move.format(story.made["draft"])) == []


def test_trap_11_a_budget_of_costs_is_positive_here(story: Story) -> None:
    budgets = "select project_id, amount, currency, period_month from core.budgets order by 1"
    assert story.runs[1].query(budgets) == [(project, Decimal(60000), "EUR", None) for project in PROJECTS]
    assert story.runs[1].one("select sum(budget) from reports.cost_summary") == 240000


def test_trap_14_rows_of_another_company_never_appear(story: Story) -> None:
    after = story.runs[1]
    other = story.made["other_line"]
    assert after.one(f"select count(*) from landing.tryton__timesheet_lines where _record_id = '{other}'") == 0
    assert after.one("select count(*) from core.people") == 8
    assert after.one("select count(*) from landing.tryton__companies") == 1


def test_trap_15_hours_on_a_work_without_a_project_are_kept_and_reported(story: Story) -> None:
    after = story.runs[1]
    entry = f"select project_id, scope_id, item_id, hours from core.timesheet_entries where entry_id = '{story.made['plain_line']}'"
    assert after.query(entry) == [(None, None, None, Decimal(3))]
    assert "hours_without_project" in after.said


def test_trap_18_what_was_deactivated_stays_resolvable(story: Story) -> None:
    after = story.runs[1]
    assert after.query("select amount > 0 from core.budgets where project_id = 'P4'") == [(True,)]
    assert after.query("select end_date::varchar from core.people where person_id = 'tryton:4'") == [("2026-11-01",)]
    gone = "select count(*) from landing.tryton__{} where _deleted"
    assert [after.one(gone.format(stream)) for stream in ("analytic_accounts", "employees", "cost_prices")] == [0, 0, 0]


def test_people_whom_the_pmo_knows_are_nobody_else(story: Story) -> None:
    people = "select person_id from core.people order by 1"
    assert [person for (person,) in story.runs[1].query(people)] == ["p-one", *(f"tryton:{number}" for number in range(2, 9))]


def test_works_progress_and_statuses_are_differences_of_landings(story: Story) -> None:
    before, after = story.runs[:2]
    states = "select percent_complete from core.task_progress where task_id = '2' and project_id = 'P1' order by status_at"
    first = before.query(states)
    assert after.query(states) == [*first, (Decimal(50),)]
    events = "select item_id, from_value, to_value from core.item_events where field = 'status'"
    assert before.query(events) == []
    assert after.query(events) == [("3", "1", "2")]
    item = "select status_original, status_category from core.work_items where item_id = '3'"
    assert after.query(item) == [("Done", "done")]


def test_exchange_rates_in_both_directions(story: Story) -> None:
    rates = "select from_currency, to_currency, rate from core.fx_rates where rate_date = date '2026-11-15' order by 1"
    assert story.runs[0].query(rates) == []
    assert story.runs[1].query(rates) == [("EUR", "USD", Decimal("1.25")), ("USD", "EUR", Decimal("0.8"))]


def test_a_run_without_a_change_lands_nothing_and_publishes_the_same(story: Story) -> None:
    second, third = story.runs[1:]
    rows = "select count(*) from landing.api_records"
    assert third.one(rows) == second.one(rows)
    assert third.content == second.content
    assert third.told == second.told


def test_no_float_is_between_the_source_and_the_warehouse(story: Story) -> None:
    floats = """
        select schema_name, table_name, column_name, data_type from duckdb_columns()
        where (table_name like '%tryton__%' or (schema_name = 'core' and table_name in
            ('cost_transactions', 'budgets', 'rates', 'fx_rates', 'fx_daily', 'timesheet_entries', 'task_progress', 'landed_totals')))
            and (data_type like '%DOUBLE%' or data_type like '%FLOAT%')
    """
    assert story.runs[1].query(floats) == []

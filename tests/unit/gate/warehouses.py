"""Small warehouses, made by hand: every published table with the columns of the contract, and the landing tables that the gate reads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import yaml

from reports import gate
from reports.contract import CONTENT_TABLES
from reports.history import read_history
from reports.manifest import BuildInfo, BuildSettings, InputFile
from reports.verdicts import Severity, Tier, Verdict

COLUMNS: dict[str, str] = {
    "portfolio_overview": (
        "portfolio_id varchar, as_of_date date, name varchar, projects_active bigint, projects_at_risk bigint, projects_closed_12m bigint,"
        " bac decimal(28,6), ev decimal(28,6), ac decimal(28,6), pv decimal(28,6), cpi double, spi double,"
        " eac decimal(28,6), vac_pct double,"
        " on_time_pct double, on_budget_pct double, late_or_forecast_late_pct double, risk_exposure decimal(28,6),"
        " contingency decimal(28,6),"
        " benefits_realization_pct double, alignment_score double, budget_unlinked_pct double, utilization_pct double, rag varchar,"
        " rag_reasons varchar[]"
    ),
    "project_health": (
        "project_id varchar, as_of_date date, name varchar, portfolio_id varchar, program_id varchar, manager varchar, status varchar,"
        " phase varchar, priority bigint, rag varchar, rag_reasons varchar[], reported_rag varchar, watermelon boolean,"
        " percent_complete double,"
        " cpi double, spi double, spi_t double, eac decimal(28,6), vac_pct double, forecast_finish date, baseline_finish date,"
        " slip_days double, open_risks bigint, risk_exposure decimal(28,6), open_defects bigint, scope_change_pct double,"
        " last_status_report date, missing_data varchar[]"
    ),
    "project_evm": (
        "project_id varchar, status_date date, baseline_version bigint, currency varchar, bac decimal(28,6), pv decimal(28,6),"
        " ev decimal(28,6), ac decimal(28,6), sv decimal(28,6), cv decimal(28,6), sv_pct double, cv_pct double, spi double, cpi double,"
        " percent_complete double, percent_spent double, at_days double, pd_days double, es_days double, sv_t_days double, spi_t double,"
        " eac_1 double, eac_cpi double, eac_spi double, eac_spi_t double, eac_sci double, eac_sci_t double, eac_08cpi_02spi double,"
        " eac_08cpi_02spi_t double, etc double, vac double, vac_pct double, tcpi_bac double, tcpi_eac double, tspi double, p_factor double,"
        " forecast_finish_es_1 timestamptz, loe_share double, status varchar, reason varchar"
    ),
    "project_flow": (
        "project_id varchar, week_start date, arrivals bigint, throughput bigint, wip bigint, net_flow bigint, lead_time_p50_days double,"
        " lead_time_p85_days double, cycle_time_p50_days double, cycle_time_p85_days double, flow_efficiency double, blocked_share double,"
        " wip_age_p85_days double, reopened bigint, discarded bigint, defects_opened bigint, defects_closed bigint"
    ),
    "work_item_cycle": (
        "source varchar, item_id varchar, project_id varchar, kind varchar, created_at timestamptz, first_committed_at timestamptz,"
        " first_active_at timestamptz, first_done_at timestamptz, last_done_at timestamptz, lead_seconds bigint, cycle_seconds bigint,"
        " cycle_days double, cycle_working_hours double, active_seconds bigint, waiting_seconds bigint,"
        " reopen_count bigint, age_days double,"
        " state varchar, status varchar, reason varchar"
    ),
    "cumulative_flow": "project_id varchar, day date, category varchar, items bigint",
    "milestone_tracking": (
        "project_id varchar, milestone_id varchar, name varchar, baseline_date date, forecast_date date,"
        " actual_date date, slip_days double,"
        " hit boolean"
    ),
    "stage_gate_compliance": (
        "project_id varchar, gate varchar, planned_date date, decided_at timestamptz, decision varchar,"
        " passed_before_next_phase boolean, cycle_days double, bypassed boolean"
    ),
    "risk_exposure": (
        "project_id varchar, month_end date, currency varchar, open_threats bigint, open_opportunities bigint, exposure decimal(38,6),"
        " opportunity_value decimal(38,6), overdue_responses bigint, contingency decimal(28,6), exposure_to_contingency double"
    ),
    "scope_change": (
        "project_id varchar, month date, currency varchar, approved bigint, rejected bigint, pending bigint, cost_impact decimal(38,6),"
        " schedule_impact_days decimal(38,9), change_rate_pct double"
    ),
    "strategic_alignment": (
        "portfolio_id varchar, objective_id varchar, as_of_date date, currency varchar, weight decimal(18,9), budget_linked decimal(38,6),"
        " budget_share_pct double, alignment_score double, benefits_planned decimal(38,6), benefits_actual decimal(38,6)"
    ),
    "benefits_realization": (
        "project_id varchar, benefit_id varchar, unit varchar, due_date date, planned decimal(28,9), actual decimal(28,9),"
        " realization_pct double, due boolean, status varchar, reason varchar"
    ),
    "cost_summary": (
        "project_id varchar, month date, category varchar, spend_type varchar, currency varchar, budget decimal(28,6),"
        " actual decimal(28,6),"
        " commitment decimal(28,6), accrual decimal(28,6), labor_from_timesheets decimal(28,6), forecast decimal(28,6),"
        " cumulative_budget decimal(28,6), cumulative_actual decimal(28,6)"
    ),
    "resource_utilization": (
        "scope_type varchar, scope_id varchar, week_start date, capacity_hours decimal(18,9), leave_hours decimal(18,9),"
        " logged_hours decimal(18,9), productive_hours decimal(18,9), overhead_hours decimal(18,9), utilization_pct double,"
        " timesheet_completeness_pct double, submitted_on_time_pct double, projects bigint"
    ),
    "pmo_capability": (
        "function varchar, indicator varchar, month date, value double, numerator decimal(38,9), denominator decimal(38,9), n bigint,"
        " unit varchar, status varchar, reason varchar"
    ),
    "maturity_levels": (
        "function varchar, month date, level bigint, mean_level double, limiting_indicator varchar, limiting_function varchar,"
        " gap_to_next double, evidence_coverage_pct double, is_complete boolean, status varchar, reason varchar"
    ),
    "pmo_effect": (
        "metric_id varchar, month date, value_now double, value_12m_ago double, delta double, n_now bigint, n_then bigint, ci_low double,"
        " ci_high double"
    ),
    "kpi_values": (
        "metric_id varchar, scope_type varchar, scope_id varchar, period_type varchar, period_start date, as_of_date date,"
        " metric_version bigint, value double, numerator double, denominator double, n bigint, unit varchar,"
        " status varchar, reason varchar,"
        " tolerance_id varchar, baseline_version bigint, source_watermark timestamptz, rag varchar"
    ),
    "restatements": (
        "metric_id varchar, scope_type varchar, scope_id varchar, period_type varchar, period_start date, build_id varchar,"
        " old_value double, new_value double, old_build_id varchar, cause varchar"
    ),
    "metric_dictionary": (
        "metric_id varchar, metric_version bigint, name varchar, name_zh varchar, function varchar, question varchar, formula varchar,"
        " unit varchar, direction varchar, grain varchar, source_tables varchar[], tolerance varchar, owner varchar, decision_link varchar"
    ),
    "source_freshness": (
        "source varchar, connection varchar, stream varchar, last_event_at timestamptz, last_loaded_at timestamptz, rows bigint,"
        " lag_hours double, sla_hours double, status varchar"
    ),
    "quarantine": (
        'source varchar, connection varchar, stream varchar, record varchar, file varchar, line bigint, "column" varchar, value varchar,'
        " reason varchar, first_seen timestamptz, last_seen timestamptz"
    ),
}

AS_OF = date(2026, 6, 30)
ROWS_BESIDE_ITEMS = 39
"""Rows of all published tables of such a warehouse, without those of its items."""


def a_build(build_id: str = "20260630T021503Z-1a2b3c", *, as_of: date = AS_OF, inputs: tuple[InputFile, ...] = ()) -> BuildInfo:
    known = datetime(2026, 6, 30, 2, 15, 3, tzinfo=UTC)
    return BuildInfo(build_id, as_of, known, known, "0.1.0", BuildSettings("EUR", "Europe/Berlin", "standard"), inputs)


def make_warehouse(path: Path, build: BuildInfo, *, items: int = 3, home: Path | None = None) -> Path:
    """A warehouse whose numbers agree with each other, with `items` work items and as many timesheet entries of one hour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_template(items))
    with duckdb.connect(str(path)) as connection:
        gate.prepare(connection, build, history=read_history(home) if home else ())
    return path


@cache
def _template(items: int) -> bytes:
    """The warehouse before any build is prepared in it: made once, copied for each test."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("begin")  # a commit a statement would take most of the time
            _landing(connection, items)
            _core(connection, items)
            gate.create_tables(connection)
            _reports(connection, items)
            connection.execute("commit")
        return path.read_bytes()


def pass_checks(path: Path, build: BuildInfo, tiers: tuple[Tier, ...] = (Tier.LANDING, Tier.DBT, Tier.EXPECTATIONS)) -> None:
    """Report one good verdict of each tier, as if all its checks had been made."""
    with duckdb.connect(str(path)) as connection:
        verdicts = [Verdict(f"{tier}_check", "project_evm", tier, Severity.ERROR, passed=True) for tier in tiers]
        gate.expect(connection, build.build_id, [verdict.expectation for verdict in verdicts])
        gate.record(connection, build.build_id, verdicts)


def _landing(connection: duckdb.DuckDBPyConnection, items: int) -> None:
    connection.execute(
        f"""
        create schema landing;
        create table landing.work_items as
            select 'tracker' as _connection, 'l1' as _load_id, 1::bigint as _delivery, i + 2 as _line, false as _deleted,
                   'I' || i as item_id
            from range({items}) as r(i);
        create table landing.timesheet_entries as
            select 'hours' as _connection, 'l2' as _load_id, 2::bigint as _delivery, i + 2 as _line, false as _deleted,
                   'E' || i as entry_id, '1' as hours
            from range({items}) as r(i);
        create table landing.cost_transactions as
            select 'ledger' as _connection, 'l3' as _load_id, 3::bigint as _delivery, 2 as _line, false as _deleted,
                   'T1' as transaction_id, 'EUR' as currency, '100.25' as amount;
        create table landing.api_records (_connection varchar);
        create table landing.loads as
            select *, stream as relation, 'run' as run_id, null::varchar as snapshot_date from (values
                ('l1', 1::bigint, 'files', 'tracker', 'work_items', 'work_items.csv', {items}, {items}, 0, 0),
                ('l2', 2::bigint, 'files', 'hours', 'timesheet_entries', 'hours.csv', {items}, {items}, 0, 0),
                ('l3', 3::bigint, 'files', 'ledger', 'cost_transactions', 'ledger.csv', 1, 1, 0, 0)
            ) as v(load_id, delivery, source, connection, stream, file, rows_read, rows_accepted, rows_quarantined, rows_superseded)
            cross join (
                select timestamptz '2026-06-29 20:00:00+00' as landed_at, []::varchar[] as unknown_columns, []::varchar[] as columns,
                       []::varchar[] as problems
            );
        create table landing.quarantine (
            _source varchar, _connection varchar, _stream varchar, record varchar, file varchar, line bigint, "column" varchar,
            value varchar, reason varchar, load_id varchar, _delivery bigint
        );
        """
    )


def _core(connection: duckdb.DuckDBPyConnection, items: int) -> None:
    connection.execute(
        f"""
        create schema core;
        create schema marts;
        create table core.organization as select date '{AS_OF}' as as_of_date;
        create table core.portfolios as select 'F1' as portfolio_id;
        create table core.projects as select 'P1' as project_id, 'F1' as portfolio_id, 'active' as status;
        create table core.project_time as select 'P1' as project_id, timestamptz '2026-06-30 22:00:00+00' as as_of_instant;
        create table core.stage_gates as select 'P1' as project_id, 'Plan' as gate, 1 as sequence;
        create table core.change_requests as
            select 'P1' as project_id, 'C1' as change_id, 'approved' as decision, date '2026-06-10' as decided_date, 10.5 as cost_impact;
        create table core.benefits as select 'P1' as project_id, 'B1' as benefit_id, 'Less paper' as name;
        create table core.effective_maturity_thresholds as
            select 'standards' as function, 'template_adoption' as indicator, unnest([2, 3]) as level;
        create table core.baselines as select 'P1' as project_id, 0 as baseline_version, true as is_active;
        create table core.baseline_tasks as select 'P1' as project_id, 0 as baseline_version, 'T1' as task_id, true as is_leaf;
        create table core.milestones as select 'P1' as project_id, 'M1' as milestone_id, 'Go live' as name;
        create table core.work_items as
            select 'tracker' as source, 'I' || i as item_id, 'P1' as project_id, false as is_deleted,
                   timestamptz '2026-06-01 08:00:00+00' as created_at
            from range({items}) as r(i);
        create table core.timesheet_entries as
            select 'hours' as source, 'E' || i as entry_id, date '2026-06-22' as work_date, 1::decimal(18, 9) as hours
            from range({items}) as r(i);
        create table core.cost_transactions as
            select 'ledger' as source, 'T1' as transaction_id, 'P1' as project_id, date '2026-06-10' as posting_date, 'actual' as kind,
                   100.25::decimal(28, 6) as amount, 'EUR' as currency;
        create table core.landed_totals (source varchar, entity varchar, currency varchar, total decimal(28, 9));
        create table marts.reporting_months as select date '2026-06-01' as month, date '{AS_OF}' as as_of_date;
        create table marts.ledger_costs as
            select *, amount as amount_original, currency as currency_original, null::varchar as exclusion_reason
            from core.cost_transactions;
        create table marts.labor_costs as
            select source, entry_id, 'P1' as project_id, work_date, hours, null::decimal(28, 6) as cost, 'no_rate' as exclusion_reason
            from core.timesheet_entries;
        create table marts.open_work as
            select 'tracker' as source, 'I9' as item_id, 8::decimal(18, 9) as hours, 8::decimal(18, 9) as month_hours;
        create table marts.actual_costs_daily as
            select project_id, posting_date as cost_date, amount as ac_delta, true as has_feed from marts.ledger_costs;
        """
    )


@cache
def _columns() -> dict[str, str]:
    """The columns above, and of every other published table those that its model promises."""
    models = Path(__file__).parents[3] / "dbt" / "models" / "reports"
    others = [table.name for table in CONTENT_TABLES if table.name not in COLUMNS]
    promised = {name: yaml.safe_load((models / f"{name}.yml").read_text(encoding="utf-8"))["models"][0]["columns"] for name in others}
    return COLUMNS | {
        name: ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in columns) for name, columns in promised.items()
    }


def _reports(connection: duckdb.DuckDBPyConnection, items: int) -> None:
    connection.execute("create schema reports")
    for table, columns in _columns().items():
        connection.execute(f"create table reports.{table} ({columns})")
    connection.execute(
        """
        create view reports.data_quality as
            select build_id, check_name, table_name, tier, severity, passed, observed, expected, rows_failed, details from gate.verdicts;
        create view reports.build_history as select * from gate.builds;
        """
    )
    landed = "timestamptz '2026-06-29 20:00:00+00' as last_loaded_at"
    inserts = {
        "portfolio_overview": f"select 'F1' as portfolio_id, date '{AS_OF}' as as_of_date, 'Company' as name, 1 as projects_active",
        "project_health": f"select 'P1' as project_id, date '{AS_OF}' as as_of_date, 'Website' as name, 'F1' as portfolio_id,"
        " 'active' as status, 'green' as reported_rag, 'red' as rag, true as watermelon",
        "project_evm": f"select 'P1' as project_id, date '{AS_OF}' as status_date, 0 as baseline_version, 'EUR' as currency,"
        " 1000 as bac, 500 as pv, 400 as ev, 100.25 as ac, -100 as sv, 299.75 as cv, 0.8 as spi, 400 / 100.25 as cpi,"
        " 40 as percent_complete, 'ok' as status",
        "project_flow": f"select 'P1' as project_id, date '2026-06-01' as week_start, {items} as arrivals, {items} as throughput, 0 as wip",
        "cumulative_flow": f"select 'P1' as project_id, date '{AS_OF}' as day, 'done' as category, {items} as items",
        "milestone_tracking": "select 'P1' as project_id, 'M1' as milestone_id, 'Go live' as name, date '2026-07-01' as baseline_date",
        "schedule_quality": f"select 'P1' as project_id, date '{AS_OF}' as status_date, i as check_no, 'Check ' || i as name, 10 as value,"
        " if(i in (4, 12, 13, 14), 90, 5) as threshold, true as applicable, false as passed, 1 as counted, 10 as total, 'ok' as status"
        " from range(1, 15) as r(i)",
        "delivery_forecast": f"select 'P1' as project_id, date '{AS_OF}' as as_of_date, unnest([50, 70, 85, 95]) as percentile,"
        " 0 as remaining_items, 10000 as trials, 7 as seed, 'undefined' as status, 'no_open_items' as reason",
        "capacity_gap": "select 'developer' as role, date '2026-07-01' as month, 160 as capacity_hours, 8 as demand_hours,"
        " -152 as gap_hours",
        "stage_gate_compliance": "select 'P1' as project_id, 'Plan' as gate, timestamptz '2026-06-10 10:00:00+00' as decided_at,"
        " 'approved' as decision, true as passed_before_next_phase, 2.5 as cycle_days, false as bypassed",
        "risk_exposure": f"select 'P1' as project_id, date '{AS_OF}' as month_end, 'EUR' as currency, 1 as open_threats,"
        " 0 as open_opportunities, 100 as exposure, 0 as opportunity_value, 0 as overdue_responses",
        "scope_change": "select 'P1' as project_id, date '2026-06-01' as month, 'EUR' as currency, 1 as approved, 0 as rejected,"
        " 0 as pending, 10.5 as cost_impact, 2 as schedule_impact_days, 1.05 as change_rate_pct",
        "strategic_alignment": f"select 'F1' as portfolio_id, 'O1' as objective_id, date '{AS_OF}' as as_of_date, 'EUR' as currency,"
        " 1 as weight, 0 as budget_linked, 0 as budget_share_pct, 0 as alignment_score",
        "benefits_realization": "select 'P1' as project_id, 'B1' as benefit_id, 'EUR' as unit, date '2026-12-31' as due_date, 5 as planned,"
        " false as due, 'not_applicable' as status, 'not_due' as reason",
        "pmo_capability": "select 'standards' as function, 'template_adoption' as indicator, date '2026-06-01' as month, 50 as value,"
        " 1 as numerator, 2 as denominator, 2 as n, '%' as unit, 'ok' as status",
        "maturity_levels": "select function, date '2026-06-01' as month, 2 as level, 2 as mean_level,"
        " 'template_adoption' as limiting_indicator, if(function = 'overall', 'standards', null) as limiting_function, 20 as gap_to_next,"
        " 100 as evidence_coverage_pct, true as is_complete, 'ok' as status from (values ('standards'), ('overall')) as v(function)",
        "pmo_effect": "select 'on_time_delivery' as metric_id, date '2026-06-01' as month, 80 as value_now, 60 as value_12m_ago,"
        " 20 as delta, 70 as n_now, 80 as n_then, 5.24 as ci_low, 33.39 as ci_high",
        "work_item_cycle": "select 'tracker' as source, 'I' || i as item_id, 'P1' as project_id, 'feature' as kind, 'done' as state,"
        f" 'ok' as status, timestamptz '2026-06-01 08:00:00+00' as created_at, 3600 as cycle_seconds from range({items}) as r(i)",
        "resource_utilization": "select 'organization' as scope_type, 'organization' as scope_id, date '2026-06-22' as week_start,"
        f" 40 as capacity_hours, 0 as leave_hours, {items} as logged_hours",
        "cost_summary": "select 'P1' as project_id, date '2026-06-01' as month, 'other' as category, 'opex' as spend_type,"
        " 'EUR' as currency, 100.25 as actual",
        "source_freshness": "select 'files' as source, connection, stream, timestamptz '2026-06-29 12:00:00+00' as last_event_at,"
        f" {landed}, 'ok' as status from landing.loads",
    }
    for table, select in inserts.items():
        connection.execute(f"insert into reports.{table} by name {select}")
    names = connection.execute("select table_name, column_name from duckdb_columns() where schema_name = 'reports'").fetchall()
    for table, column in names:
        if table in _columns():
            connection.execute(f"""comment on column reports.{table}."{column}" is 'What {column} of {table} means'""")
    for table in _columns():
        connection.execute(f"comment on table reports.{table} is 'One row of {table}; it''s made by hand'")

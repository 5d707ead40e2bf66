"""The published tables as the publisher must know them: their key, and what in them is about the run and not about the content.

Belongs here: keys, columns that a content hash leaves out.
Does not: columns, types and descriptions (dbt models in `reports` hold those).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """One table of the published contract.

    Attributes:
        key: columns that identify a row; the table is stored in their order.
        nullable: columns of the key of which NULL is a value (a project without a baseline has one row, too).
        volatile: columns of wall-clock values and build ids, left out of the content hash.
        about_run: the rows tell of the run (verdicts, history); they are written last and a rebuild does not compare them.
        counted: condition on the rows that count for the content hash, where not all do; `{build_id}` is the build's.
    """

    name: str
    key: tuple[str, ...]
    nullable: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    about_run: bool = False
    counted: str | None = None


_TABLES = (
    PublishedTable("portfolio_overview", ("portfolio_id", "as_of_date")),
    PublishedTable("project_health", ("project_id", "as_of_date")),
    PublishedTable("project_evm", ("project_id", "status_date", "baseline_version"), nullable=("baseline_version",)),
    PublishedTable("project_flow", ("project_id", "week_start")),
    PublishedTable("work_item_cycle", ("source", "item_id")),
    PublishedTable("cumulative_flow", ("project_id", "day", "category")),
    PublishedTable("delivery_forecast", ("project_id", "as_of_date", "percentile")),
    PublishedTable("schedule_quality", ("project_id", "status_date", "check_no")),
    PublishedTable("milestone_tracking", ("project_id", "milestone_id")),
    PublishedTable("stage_gate_compliance", ("project_id", "gate")),
    PublishedTable("cost_summary", ("project_id", "month", "category", "spend_type")),
    PublishedTable("resource_utilization", ("scope_type", "scope_id", "week_start")),
    PublishedTable("capacity_gap", ("role", "month")),
    PublishedTable("risk_exposure", ("project_id", "month_end")),
    PublishedTable("scope_change", ("project_id", "month")),
    PublishedTable("strategic_alignment", ("portfolio_id", "objective_id", "as_of_date")),
    PublishedTable("benefits_realization", ("project_id", "benefit_id")),
    PublishedTable("pmo_capability", ("function", "indicator", "month")),
    PublishedTable("maturity_levels", ("function", "month")),
    PublishedTable("pmo_effect", ("metric_id", "month")),
    PublishedTable(
        "kpi_values", ("metric_id", "scope_type", "scope_id", "period_type", "period_start", "as_of_date"), volatile=("computed_at",)
    ),
    PublishedTable("metric_dictionary", ("metric_id", "metric_version")),
    PublishedTable("source_freshness", ("source", "connection", "stream"), volatile=("last_loaded_at", "lag_hours")),
    PublishedTable("quarantine", ("source", "connection", "stream", "record"), volatile=("first_seen", "last_seen")),
    # What was restated depends on what was published before, of which the inputs of a build say nothing.
    PublishedTable(
        "restatements",
        ("metric_id", "scope_type", "scope_id", "period_type", "period_start", "build_id"),
        volatile=("build_id", "old_build_id"),
        about_run=True,
        counted="build_id = '{build_id}'",
    ),
    # What would have been good depends on the build before (row counts), and details on the clock; what was found depends on neither,
    # except in checks of the tables that grow with the history.
    PublishedTable(
        "data_quality",
        ("build_id", "check_name", "table_name"),
        volatile=("build_id", "expected", "details"),
        about_run=True,
        counted="table_name not in ('data_quality', 'build_history', 'restatements')",
    ),
    PublishedTable(
        "build_history",
        ("build_id",),
        volatile=("build_id", "known_at", "started_at", "finished_at"),
        about_run=True,
        counted="build_id = '{build_id}'",
    ),
)

TABLES: dict[str, PublishedTable] = {table.name: table for table in _TABLES}
"""Every table of this version, by name."""

CONTENT_TABLES = tuple(table for table in _TABLES if not table.about_run)
RUN_TABLES = tuple(table for table in _TABLES if table.about_run)

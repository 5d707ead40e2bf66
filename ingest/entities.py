"""The file contract as data, once: the reader, the templates, the sample, the docs and the tests read it from here.

Belongs here: which entities exist, their columns, types, keys and row rules.
Does not: how a file is read (`sources/files`), what a value means in a metric (dbt).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict, Unpack


class ColumnType(StrEnum):
    """What a cell must parse as. A date or an instant outside 1970-2100 does not."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    DATE_OR_INSTANT = "date_or_instant"
    TIME = "time"
    PERIOD = "period"
    CURRENCY = "currency"
    TIME_ZONE = "time_zone"


class IdSpace(StrEnum):
    """Who gives out the ids of an entity: the PMO (one space over all sources) or each source for itself."""

    PMO = "pmo"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an entity.

    Attributes:
        minimum: smallest good value of a number, inclusive.
        maximum: greatest good value of a number, inclusive.
        choices: the only good values of a text, in lower case.
        key: part of the primary key.
    """

    name: str
    type: ColumnType = ColumnType.TEXT
    required: bool = False
    key: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of the file contract.

    Attributes:
        any_of: groups of columns of which each row needs one at least.
        ordered: pairs (start, finish) of columns; a finish before its start is a bad row.
        id_space: whether the key is unique over all sources or within one.
        updated_at: the column that orders versions of a key; without it the newest delivery wins.
        personal: columns that hold personal data.
    """

    name: str
    subject: str
    columns: tuple[Column, ...]
    any_of: tuple[tuple[str, ...], ...] = ()
    ordered: tuple[tuple[str, str], ...] = ()
    id_space: IdSpace = IdSpace.PMO
    updated_at: str | None = None
    personal: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key columns, in the order of the contract."""
        return tuple(column.name for column in self.columns if column.key)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that each row must fill."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: the entity has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")


DELETE_COLUMN = Column("delete", ColumnType.BOOLEAN)
"""Optional on every entity: a true value retires the key of its row."""

_T = ColumnType


class Limits(TypedDict, total=False):
    """What a value of a column must keep to."""

    minimum: float
    maximum: float
    choices: tuple[str, ...]


def _column(name: str, type_: ColumnType, required: bool, key: bool, limits: Limits) -> Column:
    return Column(
        name,
        type_,
        required=required,
        key=key,
        minimum=limits.get("minimum"),
        maximum=limits.get("maximum"),
        choices=limits.get("choices", ()),
    )


def _key(name: str, type_: ColumnType = _T.TEXT, *, required: bool = True, **limits: Unpack[Limits]) -> Column:
    return _column(name, type_, required, True, limits)


def _need(name: str, type_: ColumnType = _T.TEXT, **limits: Unpack[Limits]) -> Column:
    return _column(name, type_, True, False, limits)


def _may(name: str, type_: ColumnType = _T.TEXT, **limits: Unpack[Limits]) -> Column:
    return _column(name, type_, False, False, limits)


RAG = ("green", "amber", "red")
FUNCTIONS = ("standards", "tools", "people", "execution", "strategy", "maturity")

_MASTER = (
    Entity("portfolios", "master data", (_key("portfolio_id"), _need("name"), _may("parent_portfolio_id"), _may("owner_id"))),
    Entity("programs", "master data", (_key("program_id"), _need("name"), _may("portfolio_id"))),
    Entity(
        "projects",
        "master data",
        (
            _key("project_id"),
            _need("name"),
            _may("program_id"),
            _may("portfolio_id"),
            _may("sponsor_id"),
            _may("manager_id"),
            _need("status", choices=("proposed", "approved", "active", "on_hold", "cancelled", "closed")),
            _may("phase", choices=("initiation", "planning", "execution", "monitoring", "closing", "closed")),
            _may("category", choices=("run", "grow", "transform")),
            _may("priority", _T.INTEGER),
            _may("methodology"),
            _need("currency", _T.CURRENCY),
            _may("time_zone", _T.TIME_ZONE),
            _may("calendar_id"),
            _may("planned_start", _T.DATE),
            _may("planned_finish", _T.DATE),
            _may("actual_start", _T.DATE),
            _may("actual_finish", _T.DATE),
            _may("contingency", _T.DECIMAL),
            _may("labor_cost_source", choices=("timesheets", "ledger")),
        ),
        ordered=(("planned_start", "planned_finish"), ("actual_start", "actual_finish")),
    ),
    Entity(
        "project_scopes",
        "master data",
        (
            _key("source"),
            _key("scope_type"),
            _key("scope_id"),
            _need("project_id"),
            _may("valid_from", _T.DATE),
            _may("valid_to", _T.DATE),
        ),
        ordered=(("valid_from", "valid_to"),),
    ),
    Entity(
        "people",
        "master data",
        (
            _key("person_id"),
            _may("name"),
            _may("email"),
            _may("team_id"),
            _may("role"),
            _may("manager_id"),
            _may("is_project_manager", _T.BOOLEAN),
            _may("calendar_id"),
            _may("weekly_hours", _T.DECIMAL, minimum=0, maximum=168),
            _may("start_date", _T.DATE),
            _may("end_date", _T.DATE),
        ),
        ordered=(("start_date", "end_date"),),
        personal=("name", "email"),
    ),
    Entity("identities", "master data", (_key("source"), _key("source_user_id"), _need("person_id")), personal=("source_user_id",)),
    Entity("teams", "master data", (_key("team_id"), _need("name"), _may("parent_team_id"))),
    Entity(
        "calendars",
        "master data",
        (_key("calendar_id"), _key("weekday", _T.INTEGER, minimum=1, maximum=7), _key("start_time", _T.TIME), _need("end_time", _T.TIME)),
        ordered=(("start_time", "end_time"),),
    ),
    Entity("holidays", "master data", (_key("calendar_id"), _key("date", _T.DATE), _may("name"))),
    Entity(
        "leave",
        "master data",
        (_key("person_id"), _key("date", _T.DATE), _need("hours", _T.DECIMAL, minimum=0, maximum=24), _may("kind")),
    ),
    Entity(
        "rates",
        "master data",
        (
            _key("person_id", required=False),
            _key("role", required=False),
            _key("valid_from", _T.DATE),
            _may("valid_to", _T.DATE),
            _need("currency", _T.CURRENCY),
            _need("cost_rate", _T.DECIMAL),
            _may("bill_rate", _T.DECIMAL),
        ),
        any_of=(("person_id", "role"),),
        ordered=(("valid_from", "valid_to"),),
    ),
    Entity(
        "fx_rates",
        "master data",
        (_key("date", _T.DATE), _key("from_currency", _T.CURRENCY), _key("to_currency", _T.CURRENCY), _need("rate", _T.DECIMAL, minimum=0)),
    ),
)

_PLAN = (
    Entity(
        "baselines",
        "plan",
        (
            _key("project_id"),
            _key("baseline_version", _T.INTEGER, minimum=0),
            _need("approved_at", _T.DATE_OR_INSTANT),
            _may("approved_by"),
            _may("reason"),
            _may("is_active", _T.BOOLEAN),
        ),
    ),
    Entity(
        "baseline_tasks",
        "plan",
        (
            _key("project_id"),
            _key("baseline_version", _T.INTEGER, minimum=0),
            _key("task_id"),
            _may("wbs"),
            _need("name"),
            _may("parent_task_id"),
            _need("start", _T.DATE_OR_INSTANT),
            _need("finish", _T.DATE_OR_INSTANT),
            _may("budget", _T.DECIMAL, minimum=0),
            _may("fixed_cost", _T.DECIMAL, minimum=0),
            _may("fixed_cost_accrual", choices=("start", "prorated", "end")),
            _may("earning_method", choices=("percent_complete", "0_100", "50_50", "milestone_weight", "level_of_effort")),
            _may("weight", _T.DECIMAL),
            _may("is_milestone", _T.BOOLEAN),
            _may("constraint_type"),
            _may("total_float_days", _T.DECIMAL),
            _may("free_float_days", _T.DECIMAL),
        ),
        ordered=(("start", "finish"),),
    ),
    Entity(
        "task_links",
        "plan",
        (
            _key("project_id"),
            _key("predecessor_id"),
            _key("successor_id"),
            _may("type", choices=("fs", "ss", "ff", "sf")),
            _may("lag_days", _T.DECIMAL),
        ),
    ),
    Entity(
        "task_progress",
        "plan",
        (
            _key("project_id"),
            _key("task_id"),
            _key("status_date", _T.DATE_OR_INSTANT),
            _need("percent_complete", _T.DECIMAL, minimum=0, maximum=100),
            _may("actual_start", _T.DATE_OR_INSTANT),
            _may("actual_finish", _T.DATE_OR_INSTANT),
            _may("forecast_start", _T.DATE_OR_INSTANT),
            _may("forecast_finish", _T.DATE_OR_INSTANT),
            _may("remaining_cost", _T.DECIMAL),
        ),
        ordered=(("actual_start", "actual_finish"), ("forecast_start", "forecast_finish")),
    ),
)

_TRACKER = (
    Entity(
        "work_items",
        "tracker",
        (
            _key("item_id"),
            _may("scope_id"),
            _may("project_id"),
            _may("key"),
            _need("type"),
            _need("title"),
            _need("status"),
            _may("parent_id"),
            _may("assignee"),
            _may("reporter"),
            _may("priority"),
            _may("story_points", _T.DECIMAL),
            _may("estimate_hours", _T.DECIMAL),
            _may("remaining_hours", _T.DECIMAL),
            _may("severity"),
            _may("sprint_id"),
            _may("version_id"),
            _may("labels"),
            _need("created_at", _T.INSTANT),
            _need("updated_at", _T.INSTANT),
            _may("resolved_at", _T.INSTANT),
            _may("due_date", _T.DATE),
            _may("url"),
        ),
        any_of=(("scope_id", "project_id"),),
        id_space=IdSpace.SOURCE,
        updated_at="updated_at",
        personal=("assignee", "reporter", "title"),
    ),
    Entity(
        "item_events",
        "tracker",
        (
            _key("event_id"),
            _need("item_id"),
            _need("field"),
            _may("from_value"),
            _may("to_value"),
            _need("occurred_at", _T.INSTANT),
            _may("author"),
        ),
        id_space=IdSpace.SOURCE,
        personal=("author",),
    ),
    Entity(
        "sprints",
        "tracker",
        (
            _key("sprint_id"),
            _need("name"),
            _may("scope_id"),
            _may("state"),
            _may("start_at", _T.INSTANT),
            _may("end_at", _T.INSTANT),
            _may("completed_at", _T.INSTANT),
            _may("goal"),
        ),
        ordered=(("start_at", "end_at"),),
        id_space=IdSpace.SOURCE,
    ),
    Entity(
        "versions",
        "tracker",
        (
            _key("version_id"),
            _need("name"),
            _may("scope_id"),
            _may("project_id"),
            _may("planned_date", _T.DATE),
            _may("released_date", _T.DATE),
            _may("status"),
        ),
        any_of=(("scope_id", "project_id"),),
        id_space=IdSpace.SOURCE,
    ),
)

_TIMESHEETS = (
    Entity(
        "timesheet_entries",
        "timesheets",
        (
            _key("entry_id"),
            _need("person"),
            _may("project_id"),
            _may("scope_id"),
            _may("item_id"),
            _need("work_date", _T.DATE),
            _need("hours", _T.DECIMAL, minimum=0, maximum=24),
            _may("activity"),
            _may("billable", _T.BOOLEAN),
            _may("submitted_at", _T.INSTANT),
            _may("approved_at", _T.INSTANT),
            _may("note"),
        ),
        any_of=(("project_id", "scope_id", "item_id"),),
        id_space=IdSpace.SOURCE,
        personal=("person", "note"),
    ),
)

_FINANCE = (
    Entity(
        "budgets",
        "finance",
        (
            _key("project_id"),
            _key("budget_version"),
            _key("category"),
            _key("period", _T.PERIOD),
            _need("amount", _T.DECIMAL, minimum=0),
            _need("currency", _T.CURRENCY),
            _may("spend_type", choices=("capex", "opex")),
            _may("approved_at", _T.DATE_OR_INSTANT),
        ),
    ),
    Entity(
        "cost_transactions",
        "finance",
        (
            _key("transaction_id"),
            _may("project_id"),
            _may("scope_id"),
            _need("posting_date", _T.DATE),
            _may("document_date", _T.DATE),
            _need("amount", _T.DECIMAL),
            _need("currency", _T.CURRENCY),
            _need("category"),
            _need("kind", choices=("actual", "commitment", "accrual")),
            _may("spend_type", choices=("capex", "opex")),
            _may("task_id"),
            _may("vendor"),
            _may("reverses_id"),
            _may("note"),
        ),
        any_of=(("project_id", "scope_id"),),
        id_space=IdSpace.SOURCE,
        personal=("note",),
    ),
)

_REGISTERS = (
    Entity(
        "stage_gates",
        "registers",
        (
            _key("project_id"),
            _key("gate"),
            _need("sequence", _T.INTEGER),
            _may("planned_date", _T.DATE),
            _may("submitted_at", _T.DATE_OR_INSTANT),
            _may("decided_at", _T.DATE_OR_INSTANT),
            _may("decision", choices=("approved", "approved_with_conditions", "rejected", "waived")),
            _may("approver"),
            _may("next_phase_started_at", _T.DATE_OR_INSTANT),
        ),
    ),
    Entity(
        "risks",
        "registers",
        (
            _key("risk_id"),
            _need("project_id"),
            _may("kind", choices=("threat", "opportunity")),
            _need("title"),
            _need("probability", _T.DECIMAL, minimum=0, maximum=1),
            _need("impact_cost", _T.DECIMAL),
            _may("impact_days", _T.DECIMAL),
            _may("currency", _T.CURRENCY),
            _need("status", choices=("open", "mitigating", "closed", "occurred")),
            _need("opened_at", _T.DATE_OR_INSTANT),
            _may("closed_at", _T.DATE_OR_INSTANT),
            _may("owner_id"),
            _may("response"),
            _may("response_due", _T.DATE),
            _may("response_done_at", _T.DATE_OR_INSTANT),
        ),
        ordered=(("opened_at", "closed_at"),),
    ),
    Entity(
        "change_requests",
        "registers",
        (
            _key("change_id"),
            _need("project_id"),
            _may("title"),
            _need("raised_at", _T.DATE_OR_INSTANT),
            _may("decided_at", _T.DATE_OR_INSTANT),
            _may("decision", choices=("approved", "rejected", "withdrawn")),
            _may("cost_impact", _T.DECIMAL),
            _may("schedule_impact_days", _T.DECIMAL),
            _may("scope_impact_points", _T.DECIMAL),
        ),
    ),
    Entity(
        "status_reports",
        "registers",
        (
            _key("project_id"),
            _key("period_end", _T.DATE),
            _need("due_at", _T.DATE_OR_INSTANT),
            _may("submitted_at", _T.DATE_OR_INSTANT),
            _may("overall_rag", choices=RAG),
            _may("schedule_rag", choices=RAG),
            _may("cost_rag", choices=RAG),
            _may("scope_rag", choices=RAG),
            _may("narrative"),
        ),
    ),
    Entity(
        "milestones",
        "registers",
        (
            _key("project_id"),
            _key("milestone_id"),
            _need("name"),
            _need("baseline_date", _T.DATE),
            _may("forecast_date", _T.DATE),
            _may("actual_date", _T.DATE),
        ),
    ),
    Entity(
        "documents",
        "registers",
        (
            _key("document_id"),
            _need("kind", choices=("standard", "template", "project")),
            _may("project_id"),
            _may("template_id"),
            _may("phase"),
            _need("title"),
            _may("version"),
            _may("mandatory", _T.BOOLEAN),
            _may("published_at", _T.DATE_OR_INSTANT),
            _may("reviewed_at", _T.DATE_OR_INSTANT),
            _may("approved_at", _T.DATE_OR_INSTANT),
        ),
    ),
    Entity(
        "training",
        "registers",
        (
            _key("person_id"),
            _key("course"),
            _key("completed_at", _T.DATE_OR_INSTANT, required=False),
            _may("mandatory", _T.BOOLEAN),
            _may("hours", _T.DECIMAL, minimum=0),
            _may("certificate"),
            _may("valid_to", _T.DATE),
        ),
    ),
    Entity(
        "skills",
        "registers",
        (
            _key("person_id"),
            _key("skill"),
            _key("assessed_at", _T.DATE_OR_INSTANT),
            _need("required_level", _T.DECIMAL),
            _need("assessed_level", _T.DECIMAL),
        ),
    ),
    Entity(
        "lessons",
        "registers",
        (
            _key("lesson_id"),
            _need("project_id"),
            _need("recorded_at", _T.DATE_OR_INSTANT),
            _need("title"),
            _may("category"),
            _may("reused_by_project_id"),
        ),
    ),
    Entity(
        "objectives",
        "registers",
        (
            _key("objective_id"),
            _need("name"),
            _need("weight", _T.DECIMAL),
            _may("parent_objective_id"),
            _may("valid_from", _T.DATE),
            _may("valid_to", _T.DATE),
        ),
        ordered=(("valid_from", "valid_to"),),
    ),
    Entity(
        "project_objectives",
        "registers",
        (_key("project_id"), _key("objective_id"), _need("score", _T.DECIMAL, minimum=0, maximum=1)),
    ),
    Entity(
        "benefits",
        "registers",
        (
            _key("benefit_id"),
            _need("project_id"),
            _need("name"),
            _need("unit"),
            _need("due_date", _T.DATE),
            _need("planned", _T.DECIMAL),
            _may("actual", _T.DECIMAL),
            _may("measured_at", _T.DATE_OR_INSTANT),
        ),
    ),
    Entity(
        "improvement_actions",
        "registers",
        (
            _key("action_id"),
            _need("function", choices=FUNCTIONS),
            _need("title"),
            _need("opened_at", _T.DATE_OR_INSTANT),
            _may("due_date", _T.DATE),
            _may("closed_at", _T.DATE_OR_INSTANT),
        ),
    ),
    Entity(
        "assessment_answers",
        "registers",
        (
            _key("assessment_id"),
            _key("question_id"),
            _need("function", choices=FUNCTIONS),
            _need("score", _T.DECIMAL),
            _need("answered_at", _T.DATE_OR_INSTANT),
            _may("respondent_id"),
        ),
        personal=("respondent_id",),
    ),
)

CATEGORIES = ("backlog", "committed", "active", "waiting", "done", "discarded")
ITEM_KINDS = ("feature", "task", "defect", "risk", "change", "other")
COST_CATEGORIES = ("labor", "material", "services", "license", "travel", "other")
ACTIVITY_CLASSES = ("project", "overhead", "training", "absence")

_MAPPINGS = (
    Entity("status_map", "mappings", (_key("source"), _key("status"), _need("category", choices=CATEGORIES))),
    Entity("item_type_map", "mappings", (_key("source"), _key("type"), _need("kind", choices=ITEM_KINDS))),
    Entity(
        "cost_category_map",
        "mappings",
        (_key("source"), _key("source_category"), _need("category", choices=COST_CATEGORIES)),
    ),
    Entity(
        "activity_map",
        "mappings",
        (_key("source"), _key("activity"), _need("productive", _T.BOOLEAN), _need("class", choices=ACTIVITY_CLASSES)),
    ),
    Entity(
        "tolerances",
        "mappings",
        (
            _key("metric_id"),
            _may("green", _T.DECIMAL),
            _may("amber", _T.DECIMAL),
            _may("one_sided", _T.BOOLEAN),
            _may("minimum_n", _T.INTEGER, minimum=0),
        ),
    ),
    Entity(
        "maturity_thresholds",
        "mappings",
        (
            _key("function", choices=FUNCTIONS),
            _key("indicator"),
            _key("level", _T.INTEGER, minimum=1, maximum=5),
            _need("threshold", _T.DECIMAL),
            _may("window_months", _T.INTEGER, minimum=1),
            _may("version"),
        ),
    ),
)

ENTITIES: dict[str, Entity] = {
    entity.name: entity for entity in (*_MASTER, *_PLAN, *_TRACKER, *_TIMESHEETS, *_FINANCE, *_REGISTERS, *_MAPPINGS)
}
"""Every entity that a files source may deliver, by name, in the order of the contract. Mapping seeds are entities too."""

MAPPING_ENTITIES = tuple(entity.name for entity in _MAPPINGS)
"""The entities that extend a shipped dbt seed of the same name and win over it."""

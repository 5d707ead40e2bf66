"""The cast of the sample: which projects there are and what becomes of each of them.

Belongs here: portfolios, programs and projects by name, and the drift of each project against its plan.
Does not: dates, money and rows; those follow from a scenario in `schedule.py`, `timesheets.py` and `finance.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from ingest.sample.worktime import STANDARD, US_OFFICE

ORGANIZATION_ZONE = "Europe/Berlin"
REPORTING_CURRENCY = "EUR"


class Site(IntEnum):
    """Where the people of a project sit. A site has its teams, time zone, calendar and currency of rates."""

    HEADQUARTERS = 0
    INFRASTRUCTURE = 1
    PRODUCTS = 2
    FINANCE = 3
    UNITED_STATES = 4
    SHANGHAI = 5


@dataclass(frozen=True)
class Scenario:
    """What becomes of a project. Times are fractions of the sample's window: 0 = its first day, 1 = its last.

    Attributes:
        label: the story in a word, as tests and docs name it.
        start: planned start. finish: planned finish.
        speed: work done per working day against the plan; 0.8 takes a quarter longer.
        cpi: cost performance at the end of the window.
        size: relative amount of work.
        other_cost: share of the cost that is not labor.
        stop: when work stopped for good or for now.
        rebaseline: when a second baseline was approved.
        earning: which earning methods the tasks of the baseline have, a key of `schedule.EARNING`.
        fixed_cost: whether tasks carry fixed cost, one of each accrual.
        reported_green: reports green whatever the numbers say.
    """

    label: str
    key: str
    name: str
    status: str = "active"
    phase: str = "execution"
    category: str = "transform"
    methodology: str = "scrum"
    program_id: str | None = None
    portfolio_id: str | None = None
    site: Site = Site.HEADQUARTERS
    currency: str = "EUR"
    start: float = 0.0
    finish: float = 1.0
    speed: float = 1.0
    cpi: float = 1.0
    size: float = 1.0
    other_cost: float = 0.25
    stop: float | None = None
    rebaseline: float | None = None
    has_baseline: bool = True
    earning: str = "percent"
    fixed_cost: bool = False
    labor_cost_source: str | None = None
    reported_green: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether the project came to its end."""
        return self.status == "closed"

    @property
    def is_operations(self) -> bool:
        """Whether it is an endless service and no undertaking with stages: no gates, no milestones."""
        return self.methodology == "operations"

    @property
    def has_work(self) -> bool:
        """Whether anybody has worked on it by the end of the window."""
        return self.start < 1 and self.status not in {"proposed", "approved"}

    @property
    def time_zone(self) -> str:
        """IANA zone of the project."""
        return {Site.UNITED_STATES: "America/New_York", Site.SHANGHAI: "Asia/Shanghai"}.get(self.site, ORGANIZATION_ZONE)

    @property
    def calendar_id(self) -> str:
        """Working calendar of the project."""
        return US_OFFICE if self.site is Site.UNITED_STATES else STANDARD


PORTFOLIOS = (
    ("PF-IT", "Information technology", None),
    ("PF-OPS", "Operations and supply", None),
    ("PF-GROW", "Growth and customers", None),
    ("PF-REG", "Regulation and security", "PF-IT"),
)
PROGRAMS = (
    ("PG-CORE", "Core systems renewal", "PF-IT"),
    ("PG-INFRA", "Infrastructure renewal", "PF-IT"),
    ("PG-DIGITAL", "Digital customer", "PF-GROW"),
    ("PG-SUPPLY", "Supply chain", "PF-OPS"),
)

_US, _SH, _INFRA, _PROD, _FIN = Site.UNITED_STATES, Site.SHANGHAI, Site.INFRASTRUCTURE, Site.PRODUCTS, Site.FINANCE

SCENARIOS: tuple[Scenario, ...] = (
    Scenario("level_of_effort", "INT", "Internal operations", category="run", methodology="operations", portfolio_id="PF-IT",
             finish=1.34, earning="level_of_effort", other_cost=0.05, phase="monitoring"),
    Scenario("late", "ERP", "ERP rollout", program_id="PG-CORE", methodology="hybrid", site=_FIN,
             start=0.05, finish=1.08, speed=0.80, cpi=0.97, size=2.2),
    Scenario("over_budget", "DCM", "Data centre move", program_id="PG-INFRA", methodology="waterfall", site=_INFRA, category="run",
             start=0.12, finish=1.32, speed=0.98, cpi=0.82, size=1.4, other_cost=0.45, fixed_cost=True),
    Scenario("healthy", "CRM", "CRM replacement", program_id="PG-DIGITAL", site=_PROD,
             start=0.24, finish=1.55, speed=1.02, cpi=1.04, size=1.4, category="grow"),
    Scenario("on_hold", "NET", "Office network renewal", status="on_hold", program_id="PG-INFRA", methodology="waterfall", site=_INFRA,
             category="run", start=0.30, finish=1.05, speed=0.95, cpi=1.01, stop=0.72, other_cost=0.40, fixed_cost=True),
    Scenario("no_baseline", "MOB", "Mobile app", phase="initiation", program_id="PG-DIGITAL", site=_PROD, category="grow",
             start=0.93, finish=1.50, has_baseline=False, size=0.9),
    Scenario("finished_late", "HRP", "HR portal", status="closed", phase="closed", portfolio_id="PF-IT",
             start=0.02, finish=0.58, speed=0.80, cpi=0.96, size=0.8),
    Scenario("finished_on_time", "WEB", "Web shop relaunch", status="closed", phase="closed", program_id="PG-DIGITAL", site=_PROD,
             category="grow", start=0.04, finish=0.66, speed=1.01, cpi=1.03, size=1.2),
    Scenario("rebaselined", "ANL", "Analytics platform", program_id="PG-CORE", start=0.08, finish=0.95, speed=0.78, cpi=0.98,
             rebaseline=0.55, size=1.3),
    Scenario("us_healthy", "LOG", "Logistics hub", program_id="PG-SUPPLY", methodology="waterfall", site=_US, currency="USD",
             start=0.15, finish=1.45, speed=1.0, cpi=1.02, size=1.6, labor_cost_source="ledger", other_cost=0.35, fixed_cost=True),
    Scenario("watermelon", "SEC", "Security hardening", portfolio_id="PF-REG", site=_INFRA, category="run",
             start=0.18, finish=1.02, speed=0.72, cpi=0.84, reported_green=True),
    Scenario("weighted_milestones", "FAC", "Factory line upgrade", program_id="PG-SUPPLY", methodology="waterfall", site=_SH,
             start=0.12, finish=1.30, speed=0.97, cpi=0.99, size=1.3, earning="milestones", other_cost=0.40, fixed_cost=True),
    Scenario("hybrid_with_level_of_effort", "MIG", "Mainframe migration", program_id="PG-CORE", methodology="hybrid", site=_FIN,
             start=0.06, finish=1.18, speed=0.90, cpi=0.90, size=1.5, earning="hybrid"),
    Scenario("cancelled", "ARC", "Archive digitization", status="cancelled", program_id="PG-SUPPLY", category="run",
             start=0.10, finish=0.90, speed=0.60, cpi=0.75, stop=0.48, size=0.7),
    Scenario("proposed", "QMS", "Quality management system", status="proposed", phase="initiation", program_id="PG-SUPPLY",
             methodology="waterfall", start=1.15, finish=1.80, has_baseline=False, size=0.7),
    Scenario("approved_not_started", "SUP", "Supplier portal", status="approved", phase="planning", program_id="PG-SUPPLY",
             category="grow", start=1.06, finish=1.70, size=0.8),
    Scenario("budget_exhausted", "ESG", "Sustainability reporting", portfolio_id="PF-REG", methodology="hybrid",
             category="run", start=0.20, finish=0.98, speed=0.74, cpi=0.62, size=0.8),
    Scenario("us_late", "PLM", "Product data management", portfolio_id="PF-OPS", site=_US, currency="USD",
             start=0.05, finish=1.15, speed=0.84, cpi=0.93, size=1.1),
    Scenario("closing", "BIL", "Billing engine", phase="closing", program_id="PG-CORE", site=_FIN,
             start=0.10, finish=0.99, speed=0.96, cpi=1.0, earning="half_half"),
    Scenario("just_baselined", "IOT", "Sensor network", phase="planning", portfolio_id="PF-OPS", methodology="hybrid", site=_SH,
             category="grow", start=0.86, finish=1.60, speed=0.98, cpi=1.0, size=0.8),
    Scenario("finished_early", "PAY", "Payment provider change", status="closed", phase="closed", program_id="PG-DIGITAL", site=_PROD,
             category="run", start=0.30, finish=0.80, speed=1.10, cpi=1.12, size=0.7),
    Scenario("finished_over_budget", "KNW", "Knowledge base", status="closed", phase="closed", portfolio_id="PF-IT", category="run",
             start=0.28, finish=0.70, speed=0.88, cpi=0.80, size=0.6),
    Scenario("finished_to_plan", "VPN", "Remote access", status="closed", phase="closed", program_id="PG-INFRA", methodology="waterfall",
             site=_INFRA, category="run", start=0.03, finish=0.50, speed=0.99, cpi=1.0, size=0.8, earning="zero_hundred", other_cost=0.35),
    Scenario("regulatory", "TAX", "Tax reporting", portfolio_id="PF-REG", methodology="waterfall", category="run",
             start=0.40, finish=1.45, speed=1.0, cpi=1.01, size=0.8, earning="zero_hundred", labor_cost_source="timesheets"),
)  # fmt: skip
"""In the order in which projects are cast: the first dozen tell the stories that every demo needs."""


@dataclass(frozen=True)
class Project:
    """A project of the sample: a scenario under an id of its own."""

    number: int
    scenario: Scenario

    @property
    def project_id(self) -> str:
        """The PMO's id."""
        return f"PRJ-{self.number + 1:03d}"

    @property
    def key(self) -> str:
        """Key of its scope in the tracker."""
        return self.scenario.key


def cast_projects(count: int) -> list[Project]:
    """The first `count` projects; past the end of the scenarios they come again as a second, third … phase."""
    projects = []
    for number in range(count):
        again, index = divmod(number, len(SCENARIOS))
        scenario = SCENARIOS[index]
        if again:
            scenario = replace(scenario, key=f"{scenario.key}{again + 1}", name=f"{scenario.name}, phase {again + 1}")
        projects.append(Project(number, scenario))
    return projects

"""The money of the sample agrees with its stories: CPI, computed from the files alone and by other code, is the scenario's."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingest.sample import SCENARIOS, write_sample

MEASURED = {scenario.name: scenario for scenario in SCENARIOS if scenario.has_work and scenario.has_baseline}

COST_PERFORMANCE = """
-- EV from the last reports; AC = ledger without payroll + hours times rate, or the ledger with payroll
with projects as (from read_csv('{folder}/projects.csv')),
scopes as (select scope_id, project_id as scope_project from read_csv('{folder}/project_scopes.csv')),
fx as (select date, rate from read_csv('{folder}/fx_rates.csv')),
rates as (select *, coalesce(valid_to, date '2100-01-01') as last_day from read_csv('{folder}/rates.csv')),
tasks as (
    select *, left(start::varchar, 10)::date as first_day, left(finish::varchar, 10)::date as last_day
    from read_csv('{folder}/baseline_tasks.csv')
    where parent_task_id is not null
    qualify baseline_version = max(baseline_version) over (partition by project_id)
),
progress as (
    select task_id, max_by(percent_complete, status_date) as percent from read_csv('{folder}/task_progress.csv') group by 1
),
earned as (
    select project_id, sum((budget + fixed_cost) * case
        when earning_method in ('0_100', 'milestone_weight') then (coalesce(percent, 0) = 100)::int
        when earning_method = '50_50' then 0.5 * (percent is not null)::int + 0.5 * (coalesce(percent, 0) = 100)::int
        when earning_method = 'level_of_effort' then least(1, (date '2026-06-30' - first_day + 1) / (last_day - first_day + 1))
        else coalesce(percent, 0) / 100 end) as ev
    from tasks left join progress using (task_id)
    group by 1
),
entries as (
    select t.person, t.work_date::date as work_date, t.hours::double as hours,
        coalesce(t.project_id, s.scope_project) as project_id
    from read_csv('{folder}/timesheet_entries.csv', all_varchar = true) as t
    left join read_csv('{folder}/work_items.csv', all_varchar = true) as i using (item_id)
    left join scopes as s on s.scope_id = coalesce(t.scope_id, i.scope_id)
    where t.entry_id not like 'T-BAD%'
),
priced as (
    select e.project_id, e.work_date, projects.currency as project_currency,
        coalesce(own.currency, general.currency) as rate_currency,
        e.hours * coalesce(own.cost_rate, general.cost_rate) as cost
    from entries as e
    join projects using (project_id)
    join read_csv('{folder}/identities.csv') as n on n.source_user_id = e.person
    join read_csv('{folder}/people.csv') as p on p.person_id = n.person_id
    left join rates as own on own.person_id = p.person_id and e.work_date between own.valid_from and own.last_day
    left join rates as general on general.role = p.role and e.work_date between general.valid_from and general.last_day
),
labor as (
    select project_id, sum(case when rate_currency = project_currency then cost
        when project_currency = 'USD' then cost * rate else cost / rate end) as hours_cost
    from priced asof left join fx on work_date >= fx.date
    group by 1
),
lines as (
    select coalesce(c.project_id, s.scope_project) as project_id, c.posting_date, c.amount, c.currency, c.category
    from read_csv('{folder}/cost_transactions.csv') as c left join scopes as s using (scope_id)
    where kind <> 'commitment'
),
ledger as (
    select l.project_id,
        sum(amount / case when l.currency = p.currency then 1 else rate end) filter (l.category <> 'Personnel') as other,
        sum(amount) filter (l.category = 'Personnel') as payroll
    from lines as l join projects as p using (project_id) asof left join fx on l.posting_date >= fx.date
    group by 1
)
select name, ev / (other + case when labor_cost_source = 'ledger' then payroll else hours_cost end)
from projects join earned using (project_id) join labor using (project_id) join ledger using (project_id)
"""


@pytest.fixture(scope="module")
def cost_performance(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    folder: Path = write_sample(tmp_path_factory.mktemp("sample") / "company").folder
    return dict(duckdb.sql(COST_PERFORMANCE.format(folder=folder)).fetchall())


@pytest.mark.parametrize("name", MEASURED)
def test_cost_performance_is_that_of_the_scenario(cost_performance: dict[str, float], name: str) -> None:
    assert cost_performance[name] == pytest.approx(MEASURED[name].cpi, rel=0.02)

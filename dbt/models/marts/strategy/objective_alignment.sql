-- One row per portfolio and objective that is valid at the as-of day: how much budget serves it, and how well. Open projects of the
-- portfolio itself; a budget counts whole for each objective that it serves. Benefits are of all its projects that serve the objective, as
-- far as they are money.
with projects as (

    select months.portfolio_id, months.project_id, months.is_open, scoped.bac
    from {{ ref('project_months') }} as months
    inner join {{ ref('scope_project_months') }} as scoped
        on months.project_id = scoped.project_id
        and months.month = scoped.month
        and scoped.scope_type = 'portfolio'
    where months.is_latest

),

budgets as (

    select portfolio_id, sum(bac) as bac
    from projects
    where is_open
    group by portfolio_id

),

objectives as (

    select objective_id, weight
    from {{ ref('objectives') }}
    where coalesce(valid_from <= {{ as_of_date() }}, true) and coalesce(valid_to >= {{ as_of_date() }}, true)
        -- Nobody said what serves what: nothing can be told.
        and (select count(*) from {{ ref('project_objectives') }}) > 0

),

served as (

    select
        projects.portfolio_id,
        links.objective_id,
        sum(projects.bac) filter (where projects.is_open)                                   as budget_linked,
        sum({{ convert_amount('projects.bac', 'links.score') }}) filter (where projects.is_open) as budget_aligned
    from projects
    inner join {{ ref('project_objectives') }} as links on projects.project_id = links.project_id
    group by projects.portfolio_id, links.objective_id

),

promised as (

    select
        projects.portfolio_id,
        links.objective_id,
        sum({{ convert_amount('benefits.planned', 'fx.rate') }})                            as benefits_planned,
        sum({{ convert_amount('benefits.actual_by_now', 'fx.rate') }})                      as benefits_actual
    from projects
    inner join {{ ref('project_objectives') }} as links on projects.project_id = links.project_id
    inner join {{ ref('benefit_facts') }} as benefits on projects.project_id = benefits.project_id
    inner join {{ ref('fx_daily') }} as fx
        on fx.rate_date = {{ as_of_date() }}
        and benefits.currency = fx.from_currency
        and fx.to_currency = {{ reporting_currency() }}
    group by projects.portfolio_id, links.objective_id

)

select
    portfolios.portfolio_id,
    objectives.objective_id,
    {{ as_of_date() }}                                                                      as as_of_date,
    {{ reporting_currency() }}                                                              as currency,
    objectives.weight,
    coalesce(served.budget_linked, 0)                                                       as budget_linked,
    {{ percentage('coalesce(served.budget_linked, 0)', 'budgets.bac') }}                    as budget_share_pct,
    {{ ratio('coalesce(served.budget_aligned, 0)', 'budgets.bac') }}                        as alignment_score,
    case when register.has_benefits then coalesce(promised.benefits_planned, 0) end         as benefits_planned,
    -- 0 where nothing is promised; NULL where something is and nobody has measured yet
    case
        when register.has_benefits and promised.objective_id is null then 0
        else promised.benefits_actual
    end                                                                                     as benefits_actual
from {{ ref('portfolios') }} as portfolios
cross join objectives
cross join (select count(*) > 0 as has_benefits from {{ ref('benefit_facts') }}) as register
left join budgets on portfolios.portfolio_id = budgets.portfolio_id
left join served on portfolios.portfolio_id = served.portfolio_id and objectives.objective_id = served.objective_id
left join promised on portfolios.portfolio_id = promised.portfolio_id and objectives.objective_id = promised.objective_id

-- One row per scope (project, portfolio, program, organization), project in it and reporting month: what the project brings to the numbers
-- of the scope, money in the scope's currency (the project's own, else the reporting one) at the rate of that day. A portfolio counts its
-- open projects.
with links as (

    select
        months.project_id,
        months.month,
        sum(objectives.weight * links.score)                                                as weighted_score,
        sum(objectives.weight)                                                              as weight
    from {{ ref('project_objectives') }} as links
    inner join {{ ref('objectives') }} as objectives on links.objective_id = objectives.objective_id
    inner join {{ ref('project_months') }} as months
        on links.project_id = months.project_id
        and coalesce(objectives.valid_from <= months.as_of_date, true)
        and coalesce(objectives.valid_to >= months.as_of_date, true)
    group by months.project_id, months.month

),

projects as (

    select
        months.project_id,
        months.month,
        months.as_of_date,
        months.portfolio_id,
        months.program_id,
        months.currency,
        months.is_open,
        evm.reporting_rate,
        evm.bac,
        -- The mean of its scores, weighted by objective; a project without any objective serves none.
        coalesce({{ ratio('links.weighted_score', 'links.weight') }}, 0)                    as alignment_score,
        links.project_id is not null                                                        as is_linked,
        risks.open_risks,
        risks.responses_due,
        risks.overdue_responses,
        risks.exposure,
        risks.exposure_rc,
        changes.approved_abs_to_date,
        changes.approved_abs_to_date_rc,
        changes.initial_bac,
        changes.initial_bac_rc
    from {{ ref('project_months') }} as months
    left join {{ ref('int_project_evm') }} as evm on months.project_id = evm.project_id and months.month = evm.month
    left join {{ ref('risk_months') }} as risks on months.project_id = risks.project_id and months.month = risks.month
    left join {{ ref('scope_change_months') }} as changes on months.project_id = changes.project_id and months.month = changes.month
    left join links on months.project_id = links.project_id and months.month = links.month

),

scoped as (

    select 'project' as scope_type, project_id as scope_id, * from projects
    union all
    select 'portfolio' as scope_type, portfolio_id as scope_id, * from projects where portfolio_id is not null
    union all
    select 'program' as scope_type, program_id as scope_id, * from projects where program_id is not null
    union all
    select 'organization' as scope_type, 'organization' as scope_id, * from projects

),

in_currency_of_scope as (

    select
        scope_type,
        scope_id,
        month,
        as_of_date,
        project_id,
        case when scope_type = 'project' then currency else {{ reporting_currency() }} end  as currency,
        case when scope_type = 'project' then 1 else reporting_rate end                     as rate,
        scope_type = 'project' or is_open                                                   as is_counted,
        {{ convert_amount('bac', "case when scope_type = 'project' then 1 else reporting_rate end") }} as bac,
        alignment_score,
        is_linked,
        open_risks,
        responses_due,
        overdue_responses,
        case when scope_type = 'project' then exposure else exposure_rc end                 as exposure,
        case when scope_type = 'project' then approved_abs_to_date else approved_abs_to_date_rc end as approved_change_abs,
        case when scope_type = 'project' then initial_bac else initial_bac_rc end           as initial_bac
    from scoped

)

select
    *,
    {{ convert_amount('bac', 'alignment_score') }}                                          as aligned_bac
from in_currency_of_scope

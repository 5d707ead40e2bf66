-- One row per project: what its registers say at the end of the as-of day. Money in the project's currency.
with projects as (

    select project_id, currency from {{ ref('projects') }}

),

open_risks as (

    select
        risks.project_id,
        count(*)                                                        as open_risks,
        -- A risk whose amount cannot be converted leaves the whole exposure unknown, not smaller.
        case
            when count(*) filter (where fx.rate is null and risks.impact_cost <> 0) = 0
                then coalesce(
                    sum({{ convert_amount('risks.probability * risks.impact_cost', 'coalesce(fx.rate, 0)') }})
                        filter (where coalesce(risks.kind, 'threat') = 'threat'),
                    0
                )
        end                                                             as risk_exposure
    from {{ ref('risks') }} as risks
    inner join projects on risks.project_id = projects.project_id
    left join {{ ref('fx_daily') }} as fx
        on fx.rate_date = {{ as_of_date() }}
        and fx.from_currency = coalesce(risks.currency, projects.currency)
        and fx.to_currency = projects.currency
    where risks.opened_date <= {{ as_of_date() }}
        and case
            when risks.closed_date is not null then risks.closed_date > {{ as_of_date() }}
            else risks.status in ('open', 'mitigating')
        end
    group by risks.project_id

),

approved_changes as (

    select
        project_id,
        sum(abs(coalesce(cost_impact, 0)))                              as approved_change_abs
    from {{ ref('change_requests') }}
    where decision = 'approved' and decided_date <= {{ as_of_date() }}
    group by project_id

),

open_defects as (

    select
        project_id,
        count(*) filter (where kind = 'defect' and state not in ('done', 'discarded', 'deleted')) as open_defects
    from {{ ref('work_item_facts') }}
    group by project_id

),

first_baseline as (

    select project_id, sum(budget + fixed_cost) as initial_bac
    from {{ ref('baseline_tasks') }}
    where baseline_version = 0 and is_leaf
    group by project_id

)

select
    projects.project_id,
    -- Without a risk register nobody knows; with one, a project that is not in it has no open risk.
    case when register.has_risks then coalesce(open_risks.open_risks, 0) end as open_risks,
    case
        when not register.has_risks then null
        when open_risks.project_id is null then 0
        else open_risks.risk_exposure
    end                                                                 as risk_exposure,
    open_defects.open_defects,
    first_baseline.initial_bac,
    coalesce(approved_changes.approved_change_abs, 0)                   as approved_change_abs,
    case
        when first_baseline.initial_bac is not null and approved_changes.project_id is null then 0
        else {{ percentage('approved_changes.approved_change_abs', 'first_baseline.initial_bac') }}
    end                                                                 as scope_change_pct
from projects
cross join (select count(*) > 0 as has_risks from {{ ref('risks') }}) as register
left join open_risks on projects.project_id = open_risks.project_id
left join approved_changes on projects.project_id = approved_changes.project_id
left join open_defects on projects.project_id = open_defects.project_id
left join first_baseline on projects.project_id = first_baseline.project_id

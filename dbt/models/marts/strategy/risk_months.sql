-- One row per project and reporting month: what the risk register says at the end of that day. Money in the project's currency, converted
-- with the rate of that day; `_rc` in the reporting currency.
with months as (

    select
        project_months.project_id,
        project_months.month,
        project_months.as_of_date,
        project_months.currency,
        evm.reporting_rate
    from {{ ref('project_months') }} as project_months
    left join {{ ref('int_project_evm') }} as evm
        on project_months.project_id = evm.project_id
        and project_months.month = evm.month

),

priced as (

    select
        months.project_id,
        months.month,
        months.as_of_date,
        months.reporting_rate,
        risks.kind = 'threat'                                           as is_threat,
        risks.response_due,
        risks.response_done_date,
        risks.expected_amount <> 0 and fx.rate is null                  as is_unpriced,
        {{ convert_amount('risks.expected_amount', 'fx.rate') }}        as amount
    from {{ ref('risk_facts') }} as risks
    inner join months
        on risks.project_id = months.project_id
        and risks.opened_date <= months.as_of_date
        and coalesce(risks.open_before > months.as_of_date, true)
    left join {{ ref('fx_daily') }} as fx
        on months.as_of_date = fx.rate_date
        and risks.currency = fx.from_currency
        and risks.project_currency = fx.to_currency

),

open_risks as (

    select
        project_id,
        month,
        count(*) filter (where is_threat)                               as open_threats,
        count(*) filter (where not is_threat)                           as open_opportunities,
        sum(amount) filter (where is_threat)                            as exposure,
        sum({{ convert_amount('amount', 'reporting_rate') }}) filter (where is_threat) as exposure_rc,
        count(*) filter (where is_threat and is_unpriced)               as unpriced_threats,
        sum(amount) filter (where not is_threat)                        as opportunity_value,
        count(*) filter (where not is_threat and is_unpriced)           as unpriced_opportunities,
        count(*) filter (where response_due is not null)                as responses_due,
        count(*) filter (
            where response_due < as_of_date and coalesce(response_done_date > as_of_date, true)
        )                                                               as overdue_responses
    from priced
    group by project_id, month

),

first_rows as (

    select project_id, min(opened_date) as first_day
    from {{ ref('risk_facts') }}
    group by project_id

),

-- Before its first row there is no register: nothing is known, which is not nothing. From then on a project that is not in it has no risk.
register as (

    select min(first_day) as first_day from first_rows

),

counted as (

    select
        months.project_id,
        months.month,
        months.as_of_date,
        months.currency,
        coalesce(first_rows.first_day <= months.as_of_date, false)      as is_registered,
        coalesce(open_risks.open_threats, 0)                            as open_threats,
        coalesce(open_risks.open_opportunities, 0)                      as open_opportunities,
        coalesce(open_risks.responses_due, 0)                           as responses_due,
        coalesce(open_risks.overdue_responses, 0)                       as overdue_responses,
        -- A threat that cannot be converted leaves the whole exposure unknown, not smaller.
        case when coalesce(open_risks.unpriced_threats, 0) = 0 then coalesce(open_risks.exposure, 0) end as exposure,
        case
            when coalesce(open_risks.unpriced_threats, 0) = 0 and (months.reporting_rate is not null or open_risks.exposure is null)
                then coalesce(open_risks.exposure_rc, 0)
        end                                                             as exposure_rc,
        case when coalesce(open_risks.unpriced_opportunities, 0) = 0 then coalesce(open_risks.opportunity_value, 0) end as opportunity_value
    from months
    inner join register on register.first_day <= months.as_of_date
    left join first_rows on months.project_id = first_rows.project_id
    left join open_risks
        on months.project_id = open_risks.project_id
        and months.month = open_risks.month

)

select
    months.project_id,
    months.month,
    months.as_of_date,
    months.currency,
    coalesce(counted.is_registered, false)                              as is_registered,
    counted.open_threats + counted.open_opportunities                   as open_risks,
    counted.open_threats,
    counted.open_opportunities,
    counted.exposure,
    counted.exposure_rc,
    counted.opportunity_value,
    counted.responses_due,
    counted.overdue_responses,
    projects.contingency,
    {{ ratio('counted.exposure', 'projects.contingency') }}             as exposure_to_contingency
from months
inner join {{ ref('projects') }} as projects on months.project_id = projects.project_id
left join counted
    on months.project_id = counted.project_id
    and months.month = counted.month

-- The benefits that were due and measured by the day of each value: money where there is any, converted with the rate of the day, else the
-- one other unit that there is.
with due as (

    select
        told.scope_type,
        told.scope_id,
        told.period_start,
        told.as_of_date,
        projects.name as project,
        projects.currency as scope_currency,
        benefits.*,
        case when benefits.currency is null then 1 else rates.rate end as rate,
        bool_or(benefits.currency is not null) over (partition by told.scope_type, told.scope_id, told.as_of_date) as has_money
    from reports.kpi_values as told
    inner join evidence.scope_strategy as projects
        on projects.scope_type = told.scope_type
        and projects.scope_id = told.scope_id
        and projects.as_of_date = told.as_of_date
    inner join evidence.promised_benefits as benefits
        on benefits.project_id = projects.project_id
        and benefits.due_date <= told.as_of_date
        and benefits.known_on <= told.as_of_date
    left join evidence.register_rates as rates
        on rates.as_of_date = told.as_of_date
        and rates.from_currency = benefits.currency
        and rates.to_currency = projects.currency
    where told.metric_id = 'benefits_realization'
        and told.numerator is not null
        and (benefits.currency is null or rates.rate is not null)

)

select
    due.scope_type,
    due.scope_id,
    due.period_start,
    due.as_of_date,
    parts.part,
    'benefits' as entity,
    null as source,
    due.benefit_id as record_key,
    null as url,
    due.project || ': ' || due.name as label,
    due.due_date as day,
    cast(
        cast(case parts.part when 'numerator' then due.actual else due.planned end as double) * cast(due.rate as double) as decimal(28, 6)
    ) as amount,
    case when due.currency is null then due.unit else due.scope_currency end as unit
from due
cross join (values ('numerator'), ('denominator')) as parts (part)
where (due.currency is not null) = due.has_money

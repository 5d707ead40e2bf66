-- The threats that are open on the day of each value, in the currency of its scope. A project with a threat that cannot be converted is
-- left out.
select
    told.scope_type,
    told.scope_id,
    told.period_start,
    told.as_of_date,
    'numerator' as part,
    'risks' as entity,
    null as source,
    risks.risk_id as record_key,
    null as url,
    projects.name || ': ' || risks.title as label,
    risks.opened_date as day,
    -- as it was computed: into the project's currency first, each product to the sixth decimal
    cast(
        cast(cast(cast(risks.expected_amount as double) * cast(rates.rate as double) as decimal(28, 6)) as double)
        * cast(projects.rate as double) as decimal(28, 6)
    ) as amount,
    projects.currency as unit
from reports.kpi_values as told
inner join evidence.scope_strategy as projects
    on projects.scope_type = told.scope_type
    and projects.scope_id = told.scope_id
    and projects.as_of_date = told.as_of_date
    and projects.is_counted
    and projects.is_exposure_known
inner join evidence.register_risks as risks
    on risks.project_id = projects.project_id
    and risks.kind = 'threat'
    and risks.opened_date <= told.as_of_date
    and (risks.open_before is null or risks.open_before > told.as_of_date)
inner join evidence.register_rates as rates
    on rates.as_of_date = told.as_of_date
    and rates.from_currency = risks.currency
    and rates.to_currency = risks.project_currency
where told.metric_id = 'risk_exposure' and told.numerator is not null

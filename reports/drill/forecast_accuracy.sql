-- Of each closed project the errors of its forecasts at 50 % complete, as fractions; each counts one in the denominator.
with errors as (

    select project_id, label, portfolio_id, program_id, as_of_date, status_date, 'EAC' as forecast, eac_error as error
    from evidence.forecasts_given
    where point_pct = 50 and eac_error is not null
    union all
    select project_id, label, portfolio_id, program_id, as_of_date, status_date, 'finish', finish_error
    from evidence.forecasts_given
    where point_pct = 50 and finish_error is not null

)

select
    told.scope_type,
    told.scope_id,
    told.period_start,
    told.as_of_date,
    parts.part,
    'projects' as entity,
    cast(null as varchar) as source,
    errors.project_id as record_key,
    cast(null as varchar) as url,
    errors.label || ': ' || errors.forecast || ' at 50 %' as label,
    errors.status_date as day,
    case parts.part when 'numerator' then errors.error else 1 end as amount,
    case parts.part when 'numerator' then 'error' else 'forecasts' end as unit
from reports.kpi_values as told
inner join errors
    on errors.as_of_date = told.as_of_date
    and case told.scope_type
        when 'portfolio' then errors.portfolio_id = told.scope_id
        when 'program' then errors.program_id = told.scope_id
        else told.scope_type = 'organization'
    end
cross join (values ('numerator'), ('denominator')) as parts (part)
where told.metric_id = 'forecast_accuracy'

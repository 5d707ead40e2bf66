-- Day sums = week sums = month sums: the hours that core holds are the hours that the organization logged, to the minute, and each person's too.
{{ config(severity='error', meta={'table': 'resource_utilization', 'advice': 'A join between core.timesheet_entries and the people marts lost or doubled hours.'}) }}
with last_day as (

    select {{ week_start('as_of_date') }} + 6 as last_day
    from {{ ref('organization') }}

),

days as (

    select
        coalesce(entries.person_id, '(no identity)')   as scope,
        entries.work_date,
        sum(entries.hours)                             as hours
    from {{ ref('timesheet_entries') }} as entries
    cross join last_day
    where entries.work_date <= last_day.last_day
    group by coalesce(entries.person_id, '(no identity)'), entries.work_date

),

by_day as (

    select scope, sum(hours) as hours
    from days
    group by scope

),

by_month as (

    select
        months.scope,
        sum(months.hours)                              as hours
    from (

        select
            coalesce(labor.person_id, '(no identity)') as scope,
            {{ month_start('labor.work_date') }}       as month,
            sum(labor.hours)                           as hours
        from {{ ref('labor_costs') }} as labor
        cross join last_day
        where labor.work_date <= last_day.last_day
        group by coalesce(labor.person_id, '(no identity)'), {{ month_start('labor.work_date') }}

    ) as months
    group by months.scope

),

by_week as (

    select scope_id as scope, sum(logged_hours) as hours
    from {{ ref('resource_utilization') }}
    where scope_type = 'person'
    group by scope_id

),

compared as (

    select
        'person: days = months = weeks'                as sums,
        coalesce(by_day.scope, by_week.scope)          as scope,
        by_day.hours                                   as by_day,
        by_month.hours                                 as by_month,
        by_week.hours                                  as by_week
    from by_day
    full outer join by_month
        on by_day.scope = by_month.scope
    full outer join by_week
        on by_day.scope = by_week.scope
    where coalesce(by_day.scope, by_week.scope) != '(no identity)'

    union all

    select
        'organization: days = months = weeks'          as sums,
        'organization'                                 as scope,
        (select sum(hours) from by_day)                as by_day,
        (select sum(hours) from by_month)              as by_month,
        (select sum(logged_hours) from {{ ref('resource_utilization') }} where scope_type = 'organization') as by_week

)

select *
from compared
where coalesce(by_day, 0) != coalesce(by_week, 0)
    or coalesce(by_day, 0) != coalesce(by_month, 0)

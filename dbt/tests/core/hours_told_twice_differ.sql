-- Months in which a source tells other hours than the source that speaks of its items (a Jira and its Tempo): the second one's count.
{{ config(severity='warn', meta={
    "table": "timesheet_entries",
    "advice": "Hours booked past the time tool count in no number: have them booked there, or ask why the two differ."
}) }}
with lines as (

    select
        source,
        coalesce(items_of, source)                     as told_of,
        {{ month_start('work_date') }}                 as month,
        hours
    from {{ current_rows('timesheet_entries') }} as entries

),

twice as (

    select distinct source, told_of from lines where told_of <> source

)

select
    twice.told_of                                      as source,
    twice.source                                       as counted_source,
    lines.month,
    sum(case when lines.source = twice.told_of then lines.hours else 0 end) as native_hours,
    sum(case when lines.source = twice.source then lines.hours else 0 end) as counted_hours
from twice
inner join lines
    on lines.told_of = twice.told_of
    and lines.source in (twice.source, twice.told_of)
group by twice.told_of, twice.source, lines.month
having count(*) filter (where lines.source = twice.told_of) > 0
    and sum(case when lines.source = twice.told_of then lines.hours else 0 end)
    <> sum(case when lines.source = twice.source then lines.hours else 0 end)

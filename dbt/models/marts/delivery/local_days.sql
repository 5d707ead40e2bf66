-- One row per time zone, local day and UTC day that it touches: where each local day starts and ends, as instants.
-- An instant finds its local day by an equality on the UTC day and two comparisons; converting each instant by itself was half of the
-- whole flow computation.
with zones as (

    select distinct time_zone
    from {{ ref('project_time') }}

),

bounds as (

    select
        (select min(created_at) from {{ ref('work_items') }})           as first_at,
        (select max(as_of_instant) from {{ ref('project_time') }})      as last_at

),

calendar_span as (

    select {{ each_day("cast(first_at as date) - 2", "cast(last_at as date) + 2") }} as local_date
    from bounds

),

local as (

    select
        zones.time_zone,
        calendar_span.local_date,
        {{ day_start('calendar_span.local_date', 'zones.time_zone') }}      as starts_at,
        {{ day_start('calendar_span.local_date + 1', 'zones.time_zone') }}  as ends_at
    from zones
    cross join calendar_span

)

select
    time_zone,
    local_date,
    {{ each_integer(utc_day_number('starts_at'), utc_day_number("ends_at - interval '1 microsecond'")) }} as utc_day,
    starts_at,
    ends_at
from local
where starts_at < ends_at

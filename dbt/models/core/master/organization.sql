-- One row: the organization, its settings and the point in time that every measure looks from.
select
    'organization'                                     as scope_id,
    {{ reporting_currency() }}                         as reporting_currency,
    {{ organization_time_zone() }}                     as time_zone,
    {{ organization_calendar_id() }}                   as calendar_id,
    {{ as_of_date() }}                                 as as_of_date,
    {{ day_end(as_of_date(), organization_time_zone()) }} as as_of_instant,
    {{ known_at() }}                                   as known_at

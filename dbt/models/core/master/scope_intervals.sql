-- One row per scope and stretch of time: the project that the scope belongs to. The stretches of a scope cover all time without overlap, so that a
-- join on scope and day finds exactly one. Where no row of project_scopes holds, the scope is a project of its own, '<source>:<scope_id>'.
with used as (

    select source, scope_id from ({{ union_staged('work_items') }}) where project_id is null
    union
    select source, scope_id from {{ current_rows('timesheet_entries') }} where project_id is null
    union
    select source, scope_id from {{ current_rows('cost_transactions') }} where project_id is null
    union
    select connection as source, scope_id from ({{ union_staged('budgets') }}) where project_id is null and not is_deleted
    union
    select connection as source, scope_id from ({{ union_staged('task_progress') }}) where project_id is null and not is_deleted
    union
    select source, scope_id from {{ current_rows('sprints') }}
    union
    select source, scope_id from {{ current_rows('versions') }} where project_id is null
    union
    select source, scope_id from {{ ref('project_scopes') }}

),

given as (

    select
        source,
        scope_type,
        scope_id,
        project_id,
        coalesce(valid_from, date '0001-01-01')        as valid_from,
        coalesce({{ next_day('valid_to') }}, date '9999-12-31') as valid_before
    from {{ ref('project_scopes') }}

),

-- A day on which anything may change: between two of them nothing does.
breaks as (

    select source, scope_id, date '0001-01-01' as valid_from from used where scope_id is not null
    union
    select source, scope_id, valid_from from given
    union
    select source, scope_id, valid_before from given where valid_before < date '9999-12-31'

),

stretches as (

    select
        source,
        scope_id,
        valid_from,
        coalesce(lead(valid_from) over (partition by source, scope_id order by valid_from), date '9999-12-31') as valid_before
    from breaks

),

-- Two scopes of different types may share an id: the later assignment wins, then the type's name.
assigned as (

    select
        stretches.source,
        stretches.scope_id,
        stretches.valid_from,
        stretches.valid_before,
        given.project_id
    from stretches
    left join given
        on given.source = stretches.source
        and given.scope_id = stretches.scope_id
        and given.valid_from <= stretches.valid_from
        and given.valid_before >= stretches.valid_before
    qualify row_number() over (
        partition by stretches.source, stretches.scope_id, stretches.valid_from
        order by given.valid_from desc nulls last, given.scope_type, given.project_id
    ) = 1

),

named as (

    select
        assigned.source,
        assigned.scope_id,
        coalesce(assigned.project_id, assigned.source || ':' || assigned.scope_id) as project_id,
        assigned.project_id is null                    as is_unmapped,
        assigned.valid_from,
        assigned.valid_before,
        coalesce(project_zones.time_zone, organization.time_zone) as time_zone
    from assigned
    left join {{ ref('project_zones') }} as project_zones
        on project_zones.project_id = assigned.project_id
    cross join {{ ref('organization') }} as organization

),

as_instants as (

    select
        *,
        case
            when valid_from = date '0001-01-01' then cast('0001-01-01 00:00:00+00' as timestamptz)
            else {{ day_start('valid_from', 'time_zone') }}
        end                                            as starts_at
    from named

)

select
    source,
    scope_id,
    project_id,
    is_unmapped,
    time_zone,

    -- for what has a day
    valid_from,
    valid_before,

    -- for what has an instant
    starts_at,
    coalesce(
        lead(starts_at) over (partition by source, scope_id order by starts_at, valid_from),
        cast('9999-12-31 00:00:00+00' as timestamptz)
    )                                                  as ends_at
from as_instants

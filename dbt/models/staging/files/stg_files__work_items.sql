-- One row per connection and work item: its newest delivered version. A row that retires an item may hold nothing but the key, so a deleted item
-- shows its newest live version.
with landed as (

    select * from {{ landed('files', 'work_items') }}

),

typed as (

    select
        _connection                                  as source,
        item_id,
        scope_id,
        project_id,
        "key"                                        as key,
        "type"                                       as type_original,
        title,
        status                                       as status_original,
        parent_id,
        assignee,
        reporter,
        priority,
        {{ cast_decimal('story_points', 18, 9) }}    as story_points,
        {{ cast_decimal('estimate_hours', 18, 9) }}  as estimate_hours,
        {{ cast_decimal('remaining_hours', 18, 9) }} as remaining_hours,
        severity,
        sprint_id,
        version_id,
        labels,
        {{ cast_instant('created_at') }}             as created_at,
        {{ cast_local('created_at') }}               as created_local,
        {{ cast_instant('updated_at') }}             as updated_at,
        {{ cast_local('updated_at') }}               as updated_local,
        {{ cast_instant('resolved_at') }}            as resolved_at,
        {{ cast_local('resolved_at') }}              as resolved_local,
        {{ cast_date('due_date') }}                  as due_date,
        url,

        -- how it came
        _connection                                  as connection,
        _delivery                                    as delivery,
        _file                                        as file,
        _line                                        as line,
        _deleted                                     as is_retired,
        _updated_at                                  as version_at,
        {{ cast_losses({
            'story_points': [cast_decimal('story_points', 18, 9)],
            'estimate_hours': [cast_decimal('estimate_hours', 18, 9)],
            'remaining_hours': [cast_decimal('remaining_hours', 18, 9)],
            'created_at': [cast_instant('created_at'), cast_local('created_at')],
            'updated_at': [cast_instant('updated_at'), cast_local('updated_at')],
            'resolved_at': [cast_instant('resolved_at'), cast_local('resolved_at')],
            'due_date': [cast_date('due_date')]
        }) }} as cast_losses
    from landed

),

dated as (

    -- a retiring row without a time of its own is as new as the newest version delivered up to then
    select
        *,
        coalesce(
            version_at,
            max(version_at) over (
                partition by connection, item_id order by delivery, line rows between unbounded preceding and current row
            )
        )                                            as ordered_at
    from typed

),

versions as (

    select
        *,
        first_value(is_retired) over (
            partition by connection, item_id order by ordered_at desc nulls last, delivery desc, line desc
        )                                            as is_deleted,
        {{ landed_versions(by=['item_id']) }}        as landed_versions
    from dated

)

select *
from versions
qualify row_number() over (
    partition by connection, item_id
    order by is_retired, ordered_at desc nulls last, delivery desc, line desc
) = 1

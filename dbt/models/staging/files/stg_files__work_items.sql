-- One row per connection and work item: its newest delivered version. A row that retires an item may hold nothing but the key, so a deleted item
-- shows its newest live version.
-- Few items are delivered twice, so only the rows of those are put in order.
with repeated as (

    select _connection, item_id, count(*) as versions
    from {{ landed('files', 'work_items') }} as landed
    group by _connection, item_id
    having count(*) > 1

),

-- A retiring row without a time of its own is as new as the newest version delivered up to then.
dated as (

    select
        landed._connection,
        landed.item_id,
        landed._delivery,
        landed._line,
        landed._deleted,
        repeated.versions,
        coalesce(
            landed._updated_at,
            max(landed._updated_at) over (
                partition by landed._connection, landed.item_id
                order by landed._delivery, landed._line rows between unbounded preceding and current row
            )
        )                                            as ordered_at
    from {{ landed('files', 'work_items') }} as landed
    inner join repeated
        on repeated._connection = landed._connection
        and repeated.item_id = landed.item_id

),

ordered as (

    select
        _delivery,
        _line,
        versions,
        first_value(_deleted) over (
            partition by _connection, item_id order by ordered_at desc nulls last, _delivery desc, _line desc
        )                                            as is_deleted,
        row_number() over (
            partition by _connection, item_id order by _deleted, ordered_at desc nulls last, _delivery desc, _line desc
        )                                            as version_rank
    from dated

),

newest as (

    select
        landed.*,
        coalesce(ordered.is_deleted, landed._deleted) as is_item_deleted,
        coalesce(ordered.versions, 1)                as landed_versions
    from {{ landed('files', 'work_items') }} as landed
    left join ordered
        on ordered._delivery = landed._delivery
        and ordered._line = landed._line
    where coalesce(ordered.version_rank, 1) = 1

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
        is_item_deleted                              as is_deleted,
        {{ cast_losses({
            'story_points': [cast_decimal('story_points', 18, 9)],
            'estimate_hours': [cast_decimal('estimate_hours', 18, 9)],
            'remaining_hours': [cast_decimal('remaining_hours', 18, 9)],
            'created_at': [cast_instant('created_at'), cast_local('created_at')],
            'updated_at': [cast_instant('updated_at'), cast_local('updated_at')],
            'resolved_at': [cast_instant('resolved_at'), cast_local('resolved_at')],
            'due_date': [cast_date('due_date')]
        }) }} as cast_losses,
        landed_versions
    from newest

)

select * from typed

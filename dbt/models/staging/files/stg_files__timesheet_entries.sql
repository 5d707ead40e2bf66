-- One row per connection and timesheet entry: its newest delivered version.
with landed as (

    select * from {{ newest_landed('files', 'timesheet_entries', key='entry_id') }}

),

typed as (

    select
        _connection                        as source,
        entry_id,
        person                             as source_user_id,
        project_id,
        scope_id,
        item_id,
        {{ cast_date('work_date') }}       as work_date,
        {{ cast_decimal('hours', 18, 9) }} as hours,
        activity                           as activity_original,
        {{ cast_boolean('billable') }}     as billable,
        {{ cast_instant('submitted_at') }} as submitted_at,
        {{ cast_local('submitted_at') }}   as submitted_local,
        {{ cast_instant('approved_at') }}  as approved_at,
        {{ cast_local('approved_at') }}    as approved_local,
        note,

        -- whose users and items it speaks of, where that is another source
        cast(null as varchar)              as users_of,
        cast(null as varchar)              as items_of,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            'work_date': [cast_date('work_date')],
            'hours': [cast_decimal('hours', 18, 9)],
            'billable': [cast_boolean('billable')],
            'submitted_at': [cast_instant('submitted_at'), cast_local('submitted_at')],
            'approved_at': [cast_instant('approved_at'), cast_local('approved_at')]
        }) }} as cast_losses,
        landed_versions
    from landed

)

select * from typed

-- One row per connection and change of a work item's field: its newest delivered version.
with landed as (

    select * from {{ newest_landed('files', 'item_events', key='event_id') }}

),

typed as (

    select
        _connection                        as source,
        event_id,
        item_id,
        field,
        from_value,
        to_value,
        {{ cast_instant('occurred_at') }}  as occurred_at,
        {{ cast_local('occurred_at') }}    as occurred_local,
        author,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            'occurred_at': [cast_instant('occurred_at'), cast_local('occurred_at')]
        }) }} as cast_losses,
        landed_versions
    from landed

)

select * from typed

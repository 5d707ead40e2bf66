-- One row per connection and stream: where each row that was read has gone. Each count has a witness of its own: read comes from the manifests,
-- quarantined from the quarantine files, accepted and superseded by a newer version from staging, so that a lost row shows as a difference.
with staged as (

    {{ staged_counts() }}

),

loads as (

    select
        source,
        connection,
        stream,
        count(*)                                       as loads,
        sum(rows_read)                                 as rows_read,
        sum(rows_superseded)                           as repeated_in_file
    from {{ ref('stg_landing__loads') }}
    group by source, connection, stream

),

quarantined as (

    select
        source,
        connection,
        stream,
        count(*)                                       as rows_quarantined
    from {{ ref('stg_landing__quarantine') }}
    group by source, connection, stream

)

select
    loads.source,
    loads.connection,
    loads.stream,
    loads.loads,
    cast(loads.rows_read as bigint)                    as read,
    cast(coalesce(staged.newest, 0) as bigint)         as accepted,
    cast(coalesce(quarantined.rows_quarantined, 0) as bigint) as quarantined,
    cast(loads.repeated_in_file + coalesce(staged.landed - staged.newest, 0) as bigint) as superseded
from loads
left join staged
    on staged.source = loads.source
    and staged.connection = loads.connection
    and staged.stream = loads.stream
left join quarantined
    on quarantined.source = loads.source
    and quarantined.connection = loads.connection
    and quarantined.stream = loads.stream

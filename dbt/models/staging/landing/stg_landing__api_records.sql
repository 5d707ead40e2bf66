-- One row per landed version of a record of a system with an API.
{{ config(materialized="view") }}
select
    _connection                                        as connection,
    _stream                                            as stream,
    _record_id                                         as record,
    _deleted                                           as is_deleted,
    _delivery                                          as delivery
from {{ source("landing", "api_records") }}

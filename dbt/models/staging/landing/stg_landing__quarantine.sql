-- One row per row of those loads that broke a row rule.
{{ config(materialized="view") }}
select
    _source                                            as source,
    _connection                                        as connection,
    _stream                                            as stream,
    record,
    file,
    line,
    "column",
    value,
    reason,
    _payload_hash                                      as payload_hash,
    load_id,
    _delivery                                          as delivery
from {{ source("landing", "quarantine") }}

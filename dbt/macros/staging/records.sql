{#-
  The records of one stream of a system with an API: one row per connection and record, its newest version, unpacked into the struct `r`.

  A deleted record shows its newest live version and says so; one of which only the tombstone was ever landed has no `r`. Ends a model
  `base_<type>__<stream>`. `structure` names the members that are read, every one as text: {"id": "VARCHAR", "fields": {"labels": ["VARCHAR"]}}.
  A member that has another shape is NULL; landing has judged those that must be there.
-#}
{% macro newest_records(source_type, stream, structure) -%}
    {{ return(adapter.dispatch("newest_records", "pmo")(source_type, stream, structure)) }}
{%- endmacro %}

{% macro default__newest_records(source_type, stream, structure) -%}
-- The place of a version is told by its load and its line, so the order is total. Payloads are wide: only the chosen ones are joined.
with versions as (

    select
        _connection,
        _record_id,
        count(*)                                       as landed_versions,
        max({'delivery': _delivery, 'line': _line})    as newest,
        max({'delivery': _delivery, 'line': _line}) filter (where not _deleted) as newest_live
    from {{ source(source_type, stream) }}
    group by _connection, _record_id

)

select
    landed._connection                                 as source,
    landed._connection                                 as connection,
    landed._record_id                                  as record_id,
    from_json(landed.payload, '{{ tojson(structure) }}') as r,
    landed._updated_at                                 as source_updated_at,
    landed._extracted_at                               as extracted_at,
    versions.newest_live is distinct from versions.newest as is_deleted,
    landed._delivery                                   as delivery,
    landed._file                                       as file,
    landed._line                                       as line,
    versions.landed_versions
from versions
inner join {{ source(source_type, stream) }} as landed
    on landed._connection = versions._connection
    and landed._record_id = versions._record_id
    and landed._delivery = coalesce(versions.newest_live, versions.newest).delivery
    and landed._line = coalesce(versions.newest_live, versions.newest).line
{%- endmacro %}

{#- All landed versions of the records of a stream, for a history that the system itself does not keep; `r` as above, NULL in a tombstone. -#}
{% macro all_record_versions(source_type, stream, structure) -%}
    {{ return(adapter.dispatch("all_record_versions", "pmo")(source_type, stream, structure)) }}
{%- endmacro %}

{% macro default__all_record_versions(source_type, stream, structure) -%}
select
    _connection                                        as source,
    _connection                                        as connection,
    _record_id                                         as record_id,
    from_json(payload, '{{ tojson(structure) }}')      as r,
    _updated_at                                        as source_updated_at,
    _extracted_at                                      as extracted_at,
    _deleted                                           as is_deleted,
    _delivery                                          as delivery,
    _file                                              as file,
    _line                                              as line
from {{ source(source_type, stream) }}
{%- endmacro %}

{#- An instant from an epoch: seconds or milliseconds, told apart by their size (1e11 seconds are the year 5138). -#}
{% macro instant_of_epoch(text) -%} {{ return(adapter.dispatch("instant_of_epoch", "pmo")(text)) }} {%- endmacro %}
{% macro default__instant_of_epoch(text) -%}
    make_timestamptz(
        case
            when abs(try_cast({{ text }} as bigint)) >= 100000000000 then try_cast({{ text }} as bigint) * 1000
            else try_cast({{ text }} as bigint) * 1000000
        end
    )
{%- endmacro %}

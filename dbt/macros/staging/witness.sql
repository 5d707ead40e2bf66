{#-
  The newest version of each landed record of a stream, with its payload as text: for `stg_<type>__landed_totals`. Not by `newest_records`, which core
  reads: what loses a record there would lose it for its witness, too.
-#}
{% macro newest_payloads(source_type, stream) -%}
    select
        _connection,
        _record_id,
        {{ value_at_max('_deleted', "{'delivery': _delivery, 'line': _line}") }} as is_deleted,
        {{ value_at_max('payload', "{'delivery': _delivery, 'line': _line}") }} as payload
    from {{ source(source_type, stream) }}
    group by _connection, _record_id
{%- endmacro %}

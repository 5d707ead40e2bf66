{#- What the run was given, as SQL literals. A run by hand that is given nothing takes the moment it started. -#}

{% macro as_of_date() -%}
    date '{{ var("as_of") or run_started_at.strftime("%Y-%m-%d") }}'
{%- endmacro %}

{% macro known_at() -%}
    {{ cast_instant("'" ~ (var("known_at") or run_started_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")) ~ "'", "'UTC'") }}
{%- endmacro %}

{% macro organization_time_zone() -%}
    '{{ var("time_zone") }}'
{%- endmacro %}

{% macro organization_calendar_id() -%}
    '{{ var("calendar_id") }}'
{%- endmacro %}

{% macro reporting_currency() -%}
    '{{ var("reporting_currency") | upper }}'
{%- endmacro %}

{% macro build_id() -%}
    '{{ var("build_id") }}'
{%- endmacro %}

{#- What the run was given, as SQL literals. A run by hand that is given nothing takes the moment it started. -#}

{#- The job gives a run its values in the environment (PMO_AS_OF, PMO_BUILD_ID, ...), read only when a model executes: other values of `vars` make
    dbt parse the whole project again, seconds in each of a run's invocations. Without them the project's `vars` hold. -#}
{% macro given(name) -%}
    {%- if execute -%}
        {{ return(env_var("PMO_" ~ name | upper, "") or var(name)) }}
    {%- else -%}
        {{ return(var(name)) }}
    {%- endif -%}
{%- endmacro %}

{% macro as_of_date() -%}
    date '{{ given("as_of") or run_started_at.strftime("%Y-%m-%d") }}'
{%- endmacro %}

{% macro known_at() -%}
    {{ cast_instant("'" ~ (given("known_at") or run_started_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")) ~ "'", "'UTC'") }}
{%- endmacro %}

{% macro organization_time_zone() -%}
    '{{ given("time_zone") }}'
{%- endmacro %}

{% macro organization_calendar_id() -%}
    '{{ given("calendar_id") }}'
{%- endmacro %}

{% macro reporting_currency() -%}
    '{{ given("reporting_currency") | upper }}'
{%- endmacro %}

{% macro build_id() -%}
    '{{ given("build_id") }}'
{%- endmacro %}

{#- The first day of which a cell can tell; no amount is older. -#}
{% macro first_fx_day() -%}
    date '1970-01-01'
{%- endmacro %}

{#- The streams of Tryton, each with a model `base_tryton__<stream>`, and the entities that they feed. -#}
{% macro records_of_tryton() %}
    {{ return(["companies", "currencies", "currency_rates", "employees", "cost_prices", "work_statuses", "works", "timesheet_lines", "accounts", "analytic_accounts", "moves", "invoices", "invoice_lines", "purchases", "purchase_lines", "analytic_lines", "budgets", "budget_lines"]) }}
{% endmacro %}

{% macro streams_of_tryton() %}
    {{ return([
        "people",
        "source_users",
        "rates",
        "fx_rates",
        "timesheet_entries",
        "work_items",
        "item_events",
        "task_progress",
        "source_statuses",
        "source_scopes",
        "cost_transactions",
        "budgets",
        "landed_totals",
    ]) }}
{% endmacro %}

{#- Tryton's typed JSON as our types. Dates come as {"year", "month", "day"}, instants in UTC, amounts as text, durations as seconds. -#}
{% macro tryton_date(value) -%} {{ return(adapter.dispatch("tryton_date", "pmo")(value)) }} {%- endmacro %}
{% macro default__tryton_date(value) -%}
    make_date(try_cast({{ value }}.year as integer), try_cast({{ value }}.month as integer), try_cast({{ value }}.day as integer))
{%- endmacro %}

{% macro tryton_instant(value) -%} {{ return(adapter.dispatch("tryton_instant", "pmo")(value)) }} {%- endmacro %}
{% macro default__tryton_instant(value) -%}
    try_cast(
        format(
            '{}-{}-{} {}:{}:{}.{:06d}+00',
            {{ value }}.year, {{ value }}.month, {{ value }}.day, {{ value }}.hour, {{ value }}.minute, {{ value }}.second,
            try_cast({{ value }}.microsecond as integer)
        ) as timestamptz
    )
{%- endmacro %}

{#- A reference to a record of a model, as `project.work,17`: its id, NULL for a reference to another model. -#}
{% macro tryton_reference(text, model) -%} {{ return(adapter.dispatch("tryton_reference", "pmo")(text, model)) }} {%- endmacro %}
{% macro default__tryton_reference(text, model) -%}
    case when starts_with({{ text }}, '{{ model }},') then split_part({{ text }}, ',', 2) end
{%- endmacro %}

{#- How a staged row came: the columns that every staging model ends with. -#}
{% macro tryton_provenance(record) -%}
    {{ record }}.connection                            as connection,
    {{ record }}.delivery                              as delivery,
    {{ record }}.file                                  as file,
    {{ record }}.line                                  as line,
    {{ record }}.is_deleted                            as is_deleted,
    cast(null as varchar)                              as cast_losses,
    {{ record }}.landed_versions                       as landed_versions
{%- endmacro %}

{#- Hours from seconds, to the ninth decimal, rounded once: integers all the way, because 1/3600 is no decimal. Not for negative durations. -#}
{% macro exact_hours(seconds) -%} {{ return(adapter.dispatch("exact_hours", "pmo")(seconds)) }} {%- endmacro %}
{% macro default__exact_hours(seconds) -%}
    cast(
        cast((cast({{ cast_decimal(seconds, 18, 6) }} * 1000000 as hugeint) * 5 + 9) // 18 as decimal(18, 0))
        * cast(0.000000001 as decimal(9, 9)) as decimal(18, 9)
    )
{%- endmacro %}

{#- The quotient of two DECIMAL(22, 12), to the twelfth decimal, rounded once. Both are above 0. -#}
{% macro exact_quotient(dividend, divisor) -%} {{ return(adapter.dispatch("exact_quotient", "pmo")(dividend, divisor)) }} {%- endmacro %}
{% macro default__exact_quotient(dividend, divisor) -%}
    cast(
        cast(
            (cast({{ dividend }} * 1000000000000 as hugeint) * 1000000000000 + cast({{ divisor }} * 1000000000000 as hugeint) // 2)
            // cast({{ divisor }} * 1000000000000 as hugeint) as decimal(26, 0)
        ) * cast(0.000000000001 as decimal(12, 12)) as decimal(28, 12)
    )
{%- endmacro %}

{#- The id of an analytic account's scope: its code, or its own id where it has none. -#}
{% macro tryton_account_scope(account) -%} coalesce(nullif({{ account }}.r.code, ''), {{ account }}.record_id) {%- endmacro %}

{#- The members of a typed instant, for the structure of a record. -#}
{% macro tryton_instant_members() %}
    {{ return({"year": "VARCHAR", "month": "VARCHAR", "day": "VARCHAR", "hour": "VARCHAR", "minute": "VARCHAR", "second": "VARCHAR", "microsecond": "VARCHAR"}) }}
{% endmacro %}

-- Core holds one row per staged record that counts: a join that loses or doubles one shows here.
{{ config(meta={"table": "core", "advice": "A join in this core model loses or doubles rows: look for a lookup that finds none or two."}) }}
with counted as (

    {% for model, by in [
        ("item_events", none),
        ("cost_transactions", none),
        ("baseline_tasks", ["project_id", "baseline_version", "task_id"]),
        ("budgets", ["coalesce(project_id, connection || ':' || scope_id)", "budget_version", "category_original", "period"]),
        ("risks", ["risk_id"]),
        ("leave", ["person_id", "leave_date"]),
    ] %}
    select
        '{{ model }}'                                  as table_name,
        (select count(*) from {{ current_rows(model, by=by) }} as records) as staged_rows,
        (select count(*) from {{ ref(model) }})        as core_rows

    union all
    {% endfor %}

    -- a rate that a source gives to a person by its own name for that person may meet one that names the person
    select
        'rates'                                        as table_name,
        (
            select count(distinct {'person': coalesce(aliases.person_id, rates.person_id), 'role': rates.role, 'from': rates.valid_from})
            from {{ current_rows('rates', by=['person_id', 'role', 'valid_from']) }} as rates
            left join {{ ref('person_aliases') }} as aliases on aliases.alias_id = rates.person_id
        )                                              as staged_rows,
        (select count(*) from {{ ref('rates') }})      as core_rows

    union all

    select
        'timesheet_entries'                            as table_name,
        (select count(*) from {{ hours_told_once() }} as records) as staged_rows,
        (select count(*) from {{ ref('timesheet_entries') }}) as core_rows

    union all

    -- deleted items stay in core, but for those of which nothing but the key was ever delivered
    select
        'work_items'                                   as table_name,
        (select count(*) from ({{ union_staged('work_items') }}) as records where coalesce(cast(created_at as timestamp), created_local) is not null) as staged_rows,
        (select count(*) from {{ ref('work_items') }}) as core_rows

)

select
    table_name,
    staged_rows,
    core_rows
from counted
where staged_rows <> core_rows

-- One row per month that metrics are told for: from the first recorded fact up to the as-of day. The last month is looked at from the as-of day.
with recorded as (

    {% set facts = [
        ('projects', 'least(planned_start, actual_start)'),
        ('baseline_tasks', 'coalesce(start_date, cast(start_at as date))'),
        ('task_progress', 'status_date'),
        ('work_items', 'cast(created_at as date)'),
        ('timesheet_entries', 'work_date'),
        ('cost_transactions', 'posting_date'),
        ('stage_gates', 'least(planned_date, submitted_date, decided_date)'),
        ('risks', 'opened_date'),
        ('change_requests', 'raised_date'),
        ('status_reports', 'period_end'),
        ('milestones', 'least(baseline_date, actual_date)'),
        ('documents', 'least(published_date, approved_date)'),
        ('training', 'completed_date'),
        ('skills', 'assessed_date'),
        ('lessons', 'recorded_date'),
        ('improvement_actions', 'opened_date'),
        ('benefits', 'measured_date'),
        ('assessment_answers', 'answered_date'),
    ] %}
    {% for entity, day in facts %}
    select min({{ day }}) as first_day from {{ ref(entity) }}
    {{ "union all" if not loop.last }}
    {% endfor %}

),

bounds as (

    -- Where there is nothing at all, no month is told of.
    select {{ month_start('least(min(first_day), ' ~ as_of_date() ~ ')') }} as first_month
    from recorded
    having min(first_day) is not null or (select count(*) from {{ ref('projects') }}) > 0

),

months as (

    select distinct {{ month_start('day') }} as month
    from (
        select {{ each_day('first_month', as_of_date()) }} as day
        from bounds
    ) as days

)

select
    month,
    least(cast({{ dbt.last_day('month', 'month') }} as date), {{ as_of_date() }})          as as_of_date,
    month = {{ month_start(as_of_date()) }}                                                 as is_latest
from months

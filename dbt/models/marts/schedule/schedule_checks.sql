-- Fourteen rows per project with a baseline: the DCMA checks of its schedule at the as-of day. Definitions: metrics, "Schedule quality" and section 6.
-- What nobody delivered makes a check not applicable, never passed.
with thresholds as (

    select * from {{ ref('schedule_thresholds') }}

),

limits as (

    select
        max(case when check_no = 6 then limit_days end)                     as high_float_days,
        max(case when check_no = 8 then limit_days end)                     as high_duration_days,
        max(case when check_no = 12 then limit_days end)                    as delay_days
    from thresholds

),

tasks as (

    select
        tasks.*,
        tasks.state <> 'finished'                                           as is_open,
        tasks.state <> 'finished' and not tasks.is_milestone                as is_open_work,
        network.is_in_cycle,
        network.early_finish_position,
        network.total_float_seconds,
        network.is_delayed,
        network.delayed_finish_position,
        -- The first task needs no predecessor, the last one no successor; of several on the same day the one that lacks it is the one.
        row_number() over (partition by tasks.project_id order by tasks.start_position, tasks.has_predecessor, tasks.task_id) = 1 as is_first,
        row_number() over (partition by tasks.project_id order by tasks.finish_position desc, tasks.has_successor, tasks.task_id) = 1 as is_last
    from {{ ref('int_schedule_tasks') }} as tasks
    inner join {{ ref('critical_path') }} as network on tasks.task_number = network.task_number

),

delivered as (

    select count(constraint_type) > 0                                       as has_constraints
    from {{ ref('baseline_tasks') }}

),

task_counts as (

    select
        tasks.project_id,
        count(*) filter (where is_open)                                     as incomplete,
        count(*) filter (where is_open_work)                                as incomplete_work,
        bool_or(is_reported)                                                as has_progress,
        bool_or(has_predecessor)                                            as has_links,
        bool_or(is_in_cycle)                                                as has_cycle,
        count(*) filter (where is_open and delivered_float_days is null) = 0 as has_delivered_float,

        count(*) filter (
            where is_open and ((not has_predecessor and not is_first) or (not has_successor and not is_last))
        )                                                                   as without_logic,
        count(*) filter (where is_open and constraint_type in ('MSO', 'MFO', 'SNLT', 'FNLT')) as hard_constraints,
        count(*) filter (where is_open and total_float_seconds > high_float_days * 28800) as high_float,
        count(*) filter (where is_open and delivered_float_days > high_float_days) as high_float_delivered,
        count(*) filter (where is_open and total_float_seconds < 0)         as negative_float,
        count(*) filter (where is_open and delivered_float_days < 0)        as negative_float_delivered,
        count(*) filter (where is_open_work and planned_seconds > high_duration_days * 28800) as high_duration,
        count(*) filter (where is_open and has_invalid_date)                as invalid_dates,
        count(*) filter (where is_open_work and cost = 0)                   as without_resources,
        count(*) filter (where baseline_finish <= {{ as_of_date() }})       as due,
        count(*) filter (where baseline_finish <= {{ as_of_date() }} and (is_open or actual_finish_day > baseline_finish)) as missed,
        count(*) filter (where not is_open)                                 as finished,

        max(delay_days)                                                     as delay_days,
        max(delayed_finish_position) - max(early_finish_position)           as moved_seconds,
        max(finish_position) - max(status_position)                         as planned_path_seconds,
        max(early_finish_position) - max(status_position)                   as critical_path_seconds
    from tasks
    cross join limits
    group by tasks.project_id

),

link_counts as (

    select
        project_id,
        count(*)                                                            as links,
        count(*) filter (where lag_days < 0)                                as leads,
        count(*) filter (where lag_days > 0)                                as lags,
        count(*) filter (where link_type = 'FS')                            as finish_to_start
    from {{ ref('int_schedule_links') }}
    where is_into_open
    group by project_id

),

counts as (

    select
        task_counts.*,
        coalesce(link_counts.links, 0)                                      as links,
        coalesce(link_counts.leads, 0)                                      as leads,
        coalesce(link_counts.lags, 0)                                       as lags,
        coalesce(link_counts.finish_to_start, 0)                            as finish_to_start,
        delivered.has_constraints,
        exists (select 1 from {{ ref('task_links') }})                      as has_delivered_links,
        case when has_cycle then 'cycle' when not has_links then 'no_links' end as network_reason,
        -- without a network the plan's own word is all there is
        not has_links and has_delivered_float                               as is_float_delivered
    from task_counts
    left join link_counts on task_counts.project_id = link_counts.project_id
    cross join delivered

),

{%- set float_reason = "case when not is_float_delivered then network_reason end" %}
{%- set delivered_note = "case when is_float_delivered then 'delivered_float' end" %}
{%- set checks = [
    (1,  'without_logic',    'incomplete',      "case when not has_delivered_links then 'no_links' end",        'null'),
    (2,  'leads',            'links',           "case when links = 0 then 'no_links' end",                      'null'),
    (3,  'lags',             'links',           "case when links = 0 then 'no_links' end",                      'null'),
    (4,  'finish_to_start',  'links',           "case when links = 0 then 'no_links' end",                      'null'),
    (5,  'hard_constraints', 'incomplete',      "case when not has_constraints then 'no_constraints' end",      'null'),
    (6,  'case when is_float_delivered then high_float_delivered else high_float end', 'incomplete',             float_reason, delivered_note),
    (7,  'case when is_float_delivered then negative_float_delivered else negative_float end', 'incomplete',     float_reason, delivered_note),
    (8,  'high_duration',    'incomplete_work', 'null',                                                         'null'),
    (9,  'invalid_dates',    'incomplete',      "case when not has_progress then 'no_progress' end",            'null'),
    (10, 'without_resources', 'incomplete_work', 'null',                                                        'null'),
    (11, 'missed',           'due',             "case when due = 0 then 'no_due_items' when not has_progress then 'no_progress' end", 'null'),
    (12, 'moved_seconds / 28800', 'delay_days', 'network_reason',                                               'null'),
    (13, 'planned_path_seconds / 28800', 'critical_path_seconds / 28800',
        "case when network_reason is not null then network_reason when critical_path_seconds <= 0 then 'no_remaining_work' end", 'null'),
    (14, 'finished',         'due',             "case when due = 0 then 'no_due_items' when not has_progress then 'no_progress' end", 'null'),
] %}

measured as (

    {% for check_no, counted, total, reason, note in checks %}
    select
        project_id,
        {{ check_no }}                                                      as check_no,
        cast({{ counted }} as decimal(18, 6))                               as counted,
        cast({{ total }} as decimal(18, 6))                                 as total,
        {%- if check_no in (11, 14) %}
        {{ reason }}                                                        as missing_reason,
        {%- else %}
        -- nothing left to do: nothing to check
        case when incomplete = 0 then 'finished' when {{ total }} = 0 and {{ check_no }} in (8, 10) then 'no_due_items' else {{ reason }} end as missing_reason,
        {%- endif %}
        {{ note }}                                                          as note
    from counts
    {{ "union all" if not loop.last }}
    {% endfor %}

),

valued as (

    select
        *,
        case
            when missing_reason is not null then null
            when check_no in (13, 14) then {{ ratio('counted', 'total') }}
            else {{ percentage('counted', 'total') }}
        end                                                                 as value
    from measured

)

select
    valued.project_id,
    cast(thresholds.check_no as bigint)                                     as check_no,
    thresholds.name,
    valued.value,
    cast(thresholds.threshold as double)                                    as threshold,
    valued.missing_reason is null                                           as applicable,
    case when thresholds.is_maximum then valued.value <= thresholds.threshold else valued.value >= thresholds.threshold end as passed,
    case when valued.missing_reason is null then valued.counted end         as counted,
    case when valued.missing_reason is null then valued.total end           as total,
    coalesce(valued.missing_reason, valued.note)                            as reason
from valued
inner join thresholds on valued.check_no = thresholds.check_no

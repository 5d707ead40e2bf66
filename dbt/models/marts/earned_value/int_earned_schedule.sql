-- One row per project, baseline and status date with earned value: the working second (from the baseline start) at which the plan reaches it, and
-- the sums of the p-factor. Exact: interpolated inside the stretch of the PV curve that passes the earned value.
with levels as (

    -- Stretches on one level follow one another without slope: together they are one plateau, which ends where the last of them does.
    select
        project_id,
        baseline_version,
        level,
        min(work_second)                                    as work_second,
        {{ value_at_max('slope', 'work_second') }}          as slope,
        {{ value_at_max('next_work_second', 'work_second') }} as next_work_second,
        max(work_second)                                    as last_work_second
    from {{ ref('int_planned_value_curve') }}
    group by project_id, baseline_version, level

),

stretches as (

    select
        *,
        case when slope = 0 then next_work_second else last_work_second end as plateau_end_second,
        lead(level, 1, 99999999999999999999) over (partition by project_id, baseline_version order by level) as next_level
    from levels

),

earned as (

    select
        project_id,
        baseline_version,
        status_date,
        at_seconds,
        pd_seconds,
        bac,
        ev,
        cast(ev as decimal(38, 18)) as level
    from {{ ref('int_earned_value_totals') }}
    where ev is not null and pd_seconds is not null

),

scheduled as (

    select
        earned.project_id,
        earned.baseline_version,
        earned.status_date,
        cast(
            case
                when earned.ev >= earned.bac then earned.pd_seconds
                when earned.ev <= 0 then 0
                -- Inside a jump at the baseline start.
                when stretches.level is null then 0
                when stretches.level = earned.level and earned.at_seconds between stretches.work_second and stretches.plateau_end_second
                    then earned.at_seconds
                when stretches.slope = 0 then stretches.next_work_second
                -- Above the end of the stretch stands a jump: its second is the answer.
                else stretches.last_work_second + cast(
                    least(
                        cast(stretches.next_work_second - stretches.last_work_second as double),
                        {{ ratio('earned.level - stretches.level', 'stretches.slope') }}
                    )
                as decimal(28, 12))
            end
        as decimal(28, 12)) as es_seconds
    from earned
    {{ join_as_of(
        'stretches', 'stretches',
        on='stretches.project_id = earned.project_id and stretches.baseline_version = earned.baseline_version',
        at='earned.level', since='stretches.level', until='stretches.next_level'
    ) }}

),

-- What was planned by the earned schedule, task by task, beside what each task has earned. Cost at the instant ES itself is left out.
adherence as (

    select
        scheduled.project_id,
        scheduled.baseline_version,
        scheduled.status_date,
        tasks.ev,
        tasks.budget,
        tasks.fixed_cost,
        tasks.fixed_cost_accrual,
        tasks.duration_seconds,
        scheduled.es_seconds + spans.start_position > tasks.start_position  as is_past_start,
        scheduled.es_seconds + spans.start_position > tasks.finish_position as is_past_finish,
        scheduled.es_seconds + spans.start_position - tasks.start_position  as elapsed_seconds
    from scheduled
    inner join {{ ref('int_baseline_spans') }} as spans
        on spans.project_id = scheduled.project_id
        and spans.baseline_version = scheduled.baseline_version
    inner join {{ ref('int_task_earned_value') }} as tasks
        on tasks.project_id = scheduled.project_id
        and tasks.baseline_version = scheduled.baseline_version
        and tasks.status_date = scheduled.status_date

),

planned as (

    select
        *,
        cast(
            {{ accrued_part('budget', 'elapsed_seconds', 'duration_seconds', 'is_past_finish') }}
            + case fixed_cost_accrual
                when 'start' then case when is_past_start then fixed_cost else 0 end
                when 'end' then case when is_past_finish then fixed_cost else 0 end
                else {{ accrued_part('fixed_cost', 'elapsed_seconds', 'duration_seconds', 'is_past_finish') }}
            end
        as decimal(38, 16)) as pv_at_es
    from adherence

),

summed as (

    select
        project_id,
        baseline_version,
        status_date,
        sum(pv_at_es)            as planned_at_es,
        sum(least(pv_at_es, ev)) as earned_as_planned
    from planned
    group by project_id, baseline_version, status_date

)

select
    scheduled.project_id,
    scheduled.baseline_version,
    scheduled.status_date,
    scheduled.es_seconds,
    summed.planned_at_es,
    summed.earned_as_planned
from scheduled
left join summed
    on summed.project_id = scheduled.project_id
    and summed.baseline_version = scheduled.baseline_version
    and summed.status_date = scheduled.status_date

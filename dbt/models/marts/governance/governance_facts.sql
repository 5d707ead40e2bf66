-- One row per record that counts in a governance metric, and part of it: on each day from `counts_from` until before `counts_until` (NULL:
-- for good). The metrics add these rows up, and the drill-through shows them. All is said of dated facts, so an earlier day sees what was
-- known on it.
with projects as (

    select project_id, name, portfolio_id, program_id, actual_start, status, time_zone from {{ ref('projects') }}

),

courses as (

    select
        project_id,
        max(started_on)                                                 as started_on,
        max(closed_on) filter (where status = 'closed')                 as closed_on,
        max(closed_on) filter (where status = 'cancelled')              as cancelled_on
    from {{ ref('project_months') }}
    group by project_id

),

documents as (

    select
        documents.document_id,
        documents.kind,
        documents.project_id,
        documents.template_id,
        documents.title,
        documents.published_date,
        documents.reviewed_date,
        documents.approved_date,
        {{ phase_order('coalesce(documents.phase, templates.phase)') }} as phase_order,
        coalesce(documents.mandatory, templates.mandatory)              as is_mandatory
    from {{ ref('documents') }} as documents
    left join {{ ref('documents') }} as templates on templates.document_id = documents.template_id and templates.kind = 'template'

),

gates as (

    select
        reviews.*,
        reviews.project_id || ':' || reviews.gate                       as record_key,
        projects.name || ': ' || reviews.gate                           as label,
        -- What falls due after a project was cancelled is not asked for any more.
        case when courses.cancelled_on is null or reviews.due_date <= courses.cancelled_on then reviews.due_date end as asked_date
    from {{ ref('gate_reviews') }} as reviews
    inner join projects on projects.project_id = reviews.project_id
    left join courses on courses.project_id = reviews.project_id

),

-- Artefacts that a project must have by its phase, of the templates in force on the day. A project that need not have any stays out.
artefacts as (

    select
        phases.project_id,
        phases.month,
        phases.as_of_date,
        count(*) = count(written.project_id)                            as is_met,
        {{ dbt.listagg(
            "case when written.project_id is null then templates.title end", "', '", "order by templates.title, templates.document_id"
        ) }}                                                            as missing
    from {{ ref('project_phases') }} as phases
    inner join documents as templates
        on templates.kind = 'template'
        and templates.is_mandatory
        and coalesce(templates.phase_order, 0) <= phases.phase_order
        and (templates.published_date is null or templates.published_date <= phases.as_of_date)
    left join (
        select project_id, template_id, min(published_date) as published_date
        from documents
        where kind = 'project' and template_id is not null and published_date is not null
        group by project_id, template_id
    ) as written
        on written.project_id = phases.project_id
        and written.template_id = templates.document_id
        and written.published_date <= phases.as_of_date
    where phases.is_active
    group by phases.project_id, phases.month, phases.as_of_date

),

first_baselines as (

    select project_id, min(approved_date) as approved_date from {{ ref('baselines') }} group by project_id

),

project_states as (

    select
        'template_adoption'                                             as metric_id,
        project_id,
        month,
        as_of_date,
        is_met,
        case when is_met then 'complete' else 'missing ' || missing end as state
    from artefacts
    union all
    select
        'baseline_coverage',
        phases.project_id,
        phases.month,
        phases.as_of_date,
        coalesce(first_baselines.approved_date <= phases.as_of_date, false),
        case when first_baselines.approved_date <= phases.as_of_date then 'approved baseline' else 'no approved baseline' end
    from {{ ref('project_phases') }} as phases
    left join first_baselines on first_baselines.project_id = phases.project_id
    where phases.is_active
        and phases.phase_order between {{ phase_order("'execution'") }} and {{ phase_order("'monitoring'") }}

),

-- Months in a row in which a project stood the same are one row.
standing_runs as (

    select
        *,
        {{ month_number('month') }}
            - row_number() over (partition by metric_id, project_id, is_met, state order by month) as run
    from project_states

),

-- The day on which a project first had an approved charter or business case.
charters as (

    select project_id, min(approved_date) as approved_date
    from (
        select project_id, approved_date
        from documents
        where kind = 'project' and phase_order = {{ phase_order("'initiation'") }} and coalesce(is_mandatory, true)
        union all
        select project_id, decided_date
        from (
            select *, row_number() over (partition by project_id order by sequence, gate) as place from gates
        ) as first_gates
        where place = 1 and decision in ('approved', 'approved_with_conditions')
    ) as approvals
    group by project_id

),

-- The day on which the second of two different closing documents was there: the report and the handover.
closing_documents as (

    select project_id, published_date as both_published_date
    from (
        select
            project_id,
            published_date,
            row_number() over (partition by project_id order by published_date, document) as place
        from (
            select project_id, coalesce(template_id, document_id) as document, min(published_date) as published_date
            from documents
            where kind = 'project' and phase_order = {{ phase_order("'closing'") }} and published_date is not null
            group by project_id, coalesce(template_id, document_id)
        ) as first_issues
    ) as ranked
    where place = 2

),

closed_projects as (

    select
        projects.project_id,
        projects.name,
        courses.closed_on,
        min(lessons.recorded_date)                                      as first_lesson_date,
        min(lessons.recorded_date) filter (
            where (courses.started_on is null or lessons.recorded_date >= courses.started_on)
                and lessons.recorded_date <= cast(courses.closed_on + interval 30 day as date)
        )                                                               as first_timely_lesson_date
    from courses
    inner join projects on projects.project_id = courses.project_id
    left join {{ ref('lessons') }} as lessons on lessons.project_id = courses.project_id
    where courses.closed_on is not null
    group by projects.project_id, projects.name, courses.closed_on

),

-- From which day a record is asked for, and from which it also has what is asked.
counted as (

    select
        'stage_gate_compliance'                                         as metric_id,
        project_id,
        'stage_gates'                                                   as entity,
        record_key,
        label,
        'gates'                                                         as unit,
        asked_date                                                      as denominator_from,
        case when next_phase_started_date is null or passed_date <= next_phase_started_date then passed_date end as numerator_from,
        cast(null as date)                                              as counts_until
    from gates
    union all
    select
        'waiver_rate', project_id, 'stage_gates', record_key, label, 'gates',
        asked_date,
        case when decision = 'waived' then passed_date end,
        null
    from gates
    union all
    select
        'gate_first_pass_yield', project_id, 'stage_gates', record_key, label || ', ' || decision, 'gates',
        decided_date,
        case when decision <> 'rejected' then decided_date end,
        null
    from gates
    where decision in ('approved', 'approved_with_conditions', 'rejected')
    union all
    select
        metric_id, standing_runs.project_id, 'projects', standing_runs.project_id, projects.name || ': ' || state, 'projects',
        min(as_of_date),
        case when is_met then min(as_of_date) end,
        {{ next_day('max(as_of_date)') }}
    from standing_runs
    inner join projects on projects.project_id = standing_runs.project_id
    group by metric_id, standing_runs.project_id, projects.name, is_met, state, run
    union all
    select
        'charter_coverage', projects.project_id, 'projects', projects.project_id, projects.name, 'projects',
        courses.started_on,
        case when charters.approved_date <= courses.started_on then courses.started_on end,
        null
    from projects
    inner join courses on courses.project_id = projects.project_id
    left join charters on charters.project_id = projects.project_id
    -- A project cancelled before it began has not started on the day that was planned.
    where projects.actual_start is not null or projects.status = 'closed'
    union all
    select
        'standard_freshness', null, 'documents', document_id, title, 'documents',
        -- A standard that nobody dated has always been in force.
        coalesce(published_date, date '1970-01-01'),
        reviewed_date,
        null
    from documents
    where kind = 'standard'
    union all
    select
        'closure_completeness', closed.project_id, 'projects', closed.project_id, closed.name, 'projects',
        closed.closed_on,
        case when closing_documents.both_published_date is not null and closed.first_lesson_date is not null
            then greatest(closing_documents.both_published_date, closed.first_lesson_date)
        end,
        {{ year_after('closed.closed_on') }}
    from closed_projects as closed
    left join closing_documents on closing_documents.project_id = closed.project_id
    union all
    select
        'lessons_learned_rate', project_id, 'projects', project_id, name, 'projects',
        closed_on,
        first_timely_lesson_date,
        {{ year_after('closed_on') }}
    from closed_projects
    union all
    select
        'lesson_reuse', lessons.project_id, 'lessons', lessons.lesson_id, lessons.title, 'lessons',
        lessons.recorded_date,
        case when lessons.reused_by_project_id <> lessons.project_id then lessons.recorded_date end,
        null
    from {{ ref('lessons') }} as lessons
    inner join projects on projects.project_id = lessons.project_id
    union all
    select
        'status_report_timeliness', reports.project_id, 'status_reports',
        reports.project_id || ':' || cast(reports.period_end as varchar),
        projects.name || ': report to ' || cast(reports.period_end as varchar), 'reports',
        reports.due_date,
        -- Due on a day is due by its end; due at an hour, at that hour.
        case
            when reports.submitted_at <= reports.due_at
                or (
                    reports.submitted_date = reports.due_date
                    and reports.due_at = {{ day_start('reports.due_date', 'projects.time_zone') }}
                )
                then reports.due_date
        end,
        cast({{ month_start('reports.due_date') }} + interval 1 month as date)
    from {{ ref('status_reports') }} as reports
    inner join projects on projects.project_id = reports.project_id
    union all
    select
        'improvement_closure', null, 'improvement_actions', action_id, title, 'actions',
        due_date,
        case when closed_date <= due_date then due_date end,
        {{ year_after('due_date') }}
    from {{ ref('improvement_actions') }}

),

parts as (

    select
        metric_id, project_id, entity, record_key, label, unit,
        'denominator'                                                   as part,
        cast(1 as double)                                               as measure,
        denominator_from                                                as counts_from,
        counts_until
    from counted
    where denominator_from is not null
    union all
    select
        metric_id, project_id, entity, record_key, label, unit,
        'numerator',
        1,
        greatest(denominator_from, numerator_from),
        -- A review is fresh for a year; the standard stays in the denominator.
        case when metric_id = 'standard_freshness' then {{ year_after('numerator_from') }} else counts_until end
    from counted
    where denominator_from is not null and numerator_from is not null
    union all
    select
        'gate_cycle_time', project_id, 'stage_gates', record_key, label, 'working days',
        'numerator',
        {{ work_days('cycle_seconds') }},
        decided_date,
        {{ year_after('decided_date') }}
    from gates
    where cycle_seconds is not null

)

select
    parts.metric_id,
    parts.project_id,
    parts.counts_from,
    parts.counts_until,
    parts.part,
    parts.entity,
    parts.record_key,
    parts.label,
    projects.portfolio_id,
    projects.program_id,
    parts.measure,
    cast(parts.measure as decimal(38, 9))                               as amount,
    parts.unit
from parts
left join projects on projects.project_id = parts.project_id
-- A part that would begin when the record no longer counts is none.
where parts.counts_until is null or parts.counts_from < parts.counts_until

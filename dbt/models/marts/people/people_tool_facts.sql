-- One row per record that counts in a metric on people, tools or data, in its numerator or its denominator, with the days on which it
-- counts: a value is the sum of the rows of its day. Definitions: metrics, section 5, numbers 10, 16 to 23, 26, 51 and 52.
{% set forever = "date '9999-12-31'" %}
with organization as (

    select * from {{ ref('organization') }}

),

-- 10, 23: projects by the days on which they were active, and since when each of the three tools has told of them.
activity as (

    select
        months.project_id,
        projects.name,
        projects.manager_id,
        min(coalesce(months.started_on, months.as_of_date))                 as started_on,
        min(months.as_of_date)                                              as active_from,
        max(months.as_of_date)                                              as active_until
    from {{ ref('project_months') }} as months
    inner join {{ ref('projects') }} as projects on projects.project_id = months.project_id
    where months.is_active
    group by months.project_id, projects.name, projects.manager_id

),

first_facts as (

    select project_id, min(tracker_on) as tracker_on, min(timesheet_on) as timesheet_on, min(cost_on) as cost_on
    from (
        select project_id, created_on as tracker_on, null as timesheet_on, null as cost_on
        from {{ ref('work_item_facts') }}
        where state <> 'deleted'
        union all
        select project_id, null, work_date, case when exclusion_reason is null then work_date end
        from {{ ref('labor_costs') }}
        union all
        select project_id, null, null, posting_date
        from {{ ref('ledger_costs') }}
    ) as facts
    group by project_id

),

tool_links as (

    select
        activity.project_id,
        activity.name,
        activity.active_until,
        greatest(facts.tracker_on, facts.timesheet_on, facts.cost_on)       as linked_on,
        greatest(activity.active_from, facts.tracker_on, facts.timesheet_on, facts.cost_on) as counts_from
    from activity
    inner join first_facts as facts on facts.project_id = activity.project_id
    where facts.tracker_on is not null and facts.timesheet_on is not null and facts.cost_on is not null

),

-- A manager counts once, whatever the number of projects: only the days that no earlier project of theirs covers.
managed as (

    select
        *,
        max(active_until) over (
            partition by manager_id order by active_from, active_until, project_id rows between unbounded preceding and 1 preceding
        ) as covered_until
    from activity
    where manager_id is not null

),

-- 19 to 21: project managers and their training, in the days of their service.
managers as (

    select
        people.person_id,
        coalesce(people.name, people.person_id)                             as name,
        people.start_date,
        coalesce(people.start_date, date '0001-01-01')                      as service_from,
        coalesce(people.end_date, {{ forever }})                            as service_until,
        -- Full time where the register gives no hours; unknown where there is no calendar to compare them with.
        case
            when people.weekly_hours is null then 1
            else cast({{ ratio('3600 * people.weekly_hours', 'normal_weeks.weekly_seconds') }} as decimal(18, 9))
        end                                                                 as fte
    from {{ ref('people') }} as people
    left join (
        select calendar_id, sum(end_second - start_second) as weekly_seconds
        from {{ ref('calendar_shifts') }}
        group by calendar_id
    ) as normal_weeks
        on normal_weeks.calendar_id = people.calendar_id
    where people.is_project_manager

),

manager_training as (

    select
        training.*,
        training.person_id || '|' || training.course || '|' || cast(training.completed_date as varchar) as record_key,
        managers.name || ': ' || training.course                            as label,
        managers.service_from,
        managers.service_until,
        managers.fte
    from {{ ref('training') }} as training
    inner join managers on managers.person_id = training.person_id
    where training.completed_date is not null

),

mandatory_courses as (

    select
        *,
        lead(completed_date) over (partition by person_id order by completed_date, course) as next_completed_date,
        row_number() over (partition by person_id order by completed_date, course)         as course_number
    from manager_training
    where mandatory

),

certificates as (

    select
        *,
        max(coalesce(valid_to, {{ forever }})) over (
            partition by person_id order by completed_date, valid_to, course rows between unbounded preceding and 1 preceding
        ) as covered_until
    from manager_training
    where certificate is not null

),

-- 22: each assessment until the next one of the same skill.
assessments as (

    select
        skills.*,
        skills.person_id || '|' || skills.skill || '|' || cast(skills.assessed_date as varchar) as record_key,
        coalesce(people.name, people.person_id) || ': ' || skills.skill     as label,
        cast(greatest(skills.required_level - skills.assessed_level, 0) as decimal(38, 9)) as gap,
        greatest(skills.assessed_date, people.start_date)                   as counts_from,
        least(
            lead(skills.assessed_date) over (partition by skills.person_id, skills.skill order by skills.assessed_at) - 1,
            coalesce(people.end_date, {{ forever }})
        )                                                                   as counts_until
    from {{ ref('skills') }} as skills
    inner join {{ ref('people') }} as people on people.person_id = skills.person_id

),

-- 26: mean SPI(t) of a manager's active projects at the month ends of the six months after the first mandatory course, less the six before.
-- It counts from the day on which the six months are over.
spi_around as (

    select
        courses.person_id,
        courses.completed_date,
        courses.record_key,
        courses.label,
        evm.as_of_date > courses.completed_date                             as is_after,
        cast(evm.spi_t as decimal(18, 9))                                   as spi_t
    from mandatory_courses as courses
    inner join activity on activity.manager_id = courses.person_id
    inner join {{ ref('int_project_evm') }} as evm
        on evm.project_id = activity.project_id
        and evm.as_of_date between activity.active_from and activity.active_until
        and evm.as_of_date > cast({{ dbt.dateadd('month', -6, 'courses.completed_date') }} as date)
        and evm.as_of_date <= cast({{ dbt.dateadd('month', 6, 'courses.completed_date') }} as date)
    where courses.course_number = 1
        and evm.as_of_date = cast({{ dbt.last_day('evm.as_of_date', 'month') }} as date)
        and evm.spi_t is not null

),

uplifts as (

    select
        person_id,
        completed_date,
        record_key,
        label,
        cast({{ dbt.dateadd('month', 6, 'completed_date') }} as date)       as settled_on,
        cast(
            100 * (
                {{ ratio('sum(case when is_after then spi_t end)', 'count(case when is_after then 1 end)') }}
                - {{ ratio('sum(case when not is_after then spi_t end)', 'count(case when not is_after then 1 end)') }}
            ) as decimal(38, 9)
        )                                                                   as uplift
    from spi_around
    group by person_id, completed_date, record_key, label

),

-- 16, 17: where the rows of each stream have gone.
accounting as (

    select
        accounting.*,
        accounting.connection || '.' || accounting.stream                   as record_key,
        coalesce(quarantined.rows_now, 0)                                   as quarantined_now
    from {{ ref('stream_accounting') }} as accounting
    left join (
        -- Page headers and subtotals of a list are no records.
        select connection, stream, count(*) as rows_now
        from {{ ref('quarantined_records') }}
        where reason not in ('page_header', 'subtotal', 'excluded')
        group by connection, stream
    ) as quarantined
        on quarantined.connection = accounting.connection
        and quarantined.stream = accounting.stream

),

-- 51, 52: the month of as_of. Nothing is known of the demand where no item says how long it takes.
demand as (

    select count(*) > 0 as is_known
    from {{ ref('work_items') }}
    where remaining_hours is not null or estimate_hours is not null

),

workload as (

    select
        coalesce(person_id, source || ':' || source_user_id) || '|' || coalesce(project_id, '') as record_key,
        person_id,
        true                                                                as is_allocated,
        'timesheet_entries'                                                 as entity,
        source,
        cast(null as varchar)                                               as url,
        'Productive hours on ' || coalesce(project_id, 'no project')        as label,
        max(work_date)                                                      as day,
        cast(sum(hours) as decimal(38, 9))                                  as amount
    from {{ ref('timesheet_entries') }}
    where work_date between {{ month_start(as_of_date()) }} and {{ as_of_date() }}
        and is_productive
    group by
        coalesce(person_id, source || ':' || source_user_id) || '|' || coalesce(project_id, ''),
        person_id,
        source,
        'Productive hours on ' || coalesce(project_id, 'no project')

    union all

    select
        record_key,
        person_id,
        assignee is not null,
        'work_items',
        source,
        url,
        title,
        due_on,
        cast(month_hours as decimal(38, 9))
    from {{ ref('open_work') }}
    where month = {{ month_start(as_of_date()) }}

),

capacity as (

    select
        workload.person_id,
        coalesce(people.name, people.person_id)                             as label,
        cast(workload.capacity_hours as decimal(38, 9))                     as amount
    from {{ ref('workload_months') }} as workload
    inner join {{ ref('people') }} as people on people.person_id = workload.person_id
    where workload.month = {{ month_start(as_of_date()) }}

),

counted as (

    {% for part, relation, day, from in [
        ('numerator', 'tool_links', 'linked_on', 'counts_from'), ('denominator', 'activity', 'started_on', 'active_from')
    ] %}
    select
        'tool_coverage'                                                     as metric_id,
        'organization'                                                      as scope_type,
        'organization'                                                      as scope_id,
        '{{ part }}'                                                        as part,
        'projects'                                                          as entity,
        cast(null as varchar)                                               as source,
        project_id                                                          as record_key,
        cast(null as varchar)                                               as url,
        name                                                                as label,
        {{ day }}                                                           as day,
        cast(1 as decimal(38, 9))                                           as amount,
        'projects'                                                          as unit,
        {{ from }}                                                          as counts_from,
        active_until                                                        as counts_until
    from {{ relation }}
    union all
    {% endfor %}
    select
        'pm_span', 'organization', 'organization', 'numerator', 'projects', null, project_id, null, name, started_on, 1, 'projects',
        active_from, active_until
    from activity
    where manager_id is not null
    union all
    select
        'pm_span', 'organization', 'organization', 'denominator', 'people', null, managed.manager_id, null,
        coalesce(people.name, managed.manager_id), managed.started_on, 1, 'people',
        greatest(managed.active_from, managed.covered_until + 1), managed.active_until
    from managed
    left join {{ ref('people') }} as people on people.person_id = managed.manager_id
    {% for metric_id, amount, unit in [
        ('pm_training_coverage', '1', 'people'), ('certification_rate', '1', 'people'), ('training_hours_per_pm', 'fte', 'FTE')
    ] %}
    union all
    select
        '{{ metric_id }}', 'organization', 'organization', 'denominator', 'people', null, person_id, null, name, start_date,
        {{ amount }}, '{{ unit }}',
        service_from, service_until
    from managers
    {{ "where fte is not null" if metric_id == 'training_hours_per_pm' }}
    {% endfor %}
    union all
    select
        'pm_training_coverage', 'organization', 'organization', 'numerator', 'training', null, record_key, null, label, completed_date,
        1, 'people',
        greatest(completed_date, service_from), least(next_completed_date - 1, {{ year_after('completed_date') }} - 1, service_until)
    from mandatory_courses
    union all
    select
        'certification_rate', 'organization', 'organization', 'numerator', 'training', null, record_key, null,
        label || ' (' || certificate || ')',
        completed_date, 1, 'people', greatest(completed_date, covered_until + 1, service_from),
        least(coalesce(valid_to, {{ forever }}), service_until)
    from certificates
    union all
    select
        'training_hours_per_pm', 'organization', 'organization', 'numerator', 'training', null, record_key, null, label, completed_date,
        hours, 'hours',
        greatest(completed_date, service_from), least({{ year_after('completed_date') }} - 1, service_until)
    from manager_training
    where hours is not null and fte is not null
    {% for part, amount, unit in [('numerator', 'gap', 'levels'), ('denominator', '1', 'assessments')] %}
    union all
    select
        'skill_gap_index', 'organization', 'organization', '{{ part }}', 'skills', null, record_key, null, label, assessed_date,
        {{ amount }}, '{{ unit }}',
        counts_from, counts_until
    from assessments
    {% endfor %}
    {% for part, amount, unit in [('numerator', 'uplift', 'percentage points'), ('denominator', '1', 'people')] %}
    union all
    select
        'training_uplift', 'organization', 'organization', '{{ part }}', 'training', null, record_key, null, label, completed_date,
        {{ amount }}, '{{ unit }}',
        settled_on, {{ forever }}
    from uplifts
    where uplift is not null
    {% endfor %}

    -- What is known of the as-of day alone.
    {% for metric_id, part, scope_type, scope_id, amount in [
        ('dq_pass_rate', 'numerator', "'organization'", "'organization'", 'accepted'),
        ('dq_pass_rate', 'denominator', "'organization'", "'organization'", 'accepted + quarantined_now'),
        ('source_reconciliation', 'numerator', "'source'", 'connection', 'abs(accepted + quarantined + superseded - read)'),
        ('source_reconciliation', 'denominator', "'source'", 'connection', 'read'),
    ] %}
    union all
    select
        '{{ metric_id }}', {{ scope_type }}, {{ scope_id }}, '{{ part }}', stream, connection, accounting.record_key, null,
        {{ "'Rows in core, in quarantine now: ' || cast(quarantined_now as varchar)" if metric_id == 'dq_pass_rate'
            else "'Rows read in ' || cast(loads as varchar) || ' loads'" }},
        organization.as_of_date, {{ amount }}, 'rows', organization.as_of_date, organization.as_of_date
    from accounting
    cross join organization
    {% endfor %}
    {% for part, condition in [('numerator', 'where category is null'), ('denominator', '')] %}
    union all
    select
        'unmapped_status_share', 'source', statuses.source, '{{ part }}', 'status_map', statuses.source, statuses.status, null,
        statuses.status || ': ' || coalesce(statuses.category, 'not mapped'),
        organization.as_of_date, statuses.items + statuses.events, 'mentions', organization.as_of_date, organization.as_of_date
    from {{ ref('status_categories') }} as statuses
    cross join organization
    {{ condition }}
    {% endfor %}
    union all
    select
        'capacity_gap', 'organization', 'organization', 'numerator', workload.entity, workload.source, workload.record_key,
        workload.url, workload.label,
        workload.day, workload.amount, 'hours', organization.as_of_date, organization.as_of_date
    from workload
    cross join organization
    inner join demand on demand.is_known
    union all
    select
        'capacity_gap', 'organization', 'organization', 'numerator', 'people', null, capacity.person_id, null,
        'Capacity of ' || capacity.label,
        organization.as_of_date, -capacity.amount, 'hours', organization.as_of_date, organization.as_of_date
    from capacity
    cross join organization
    inner join demand on demand.is_known
    {% for scope_type, scope_id, condition in [
        ('organization', "'organization'", 'true'), ('person', 'person_id', 'person_id is not null')
    ] %}
    union all
    select
        'allocation_load', '{{ scope_type }}', {{ scope_id }}, 'numerator', workload.entity, workload.source, workload.record_key,
        workload.url,
        workload.label, workload.day, workload.amount, 'hours', organization.as_of_date, organization.as_of_date
    from workload
    cross join organization
    inner join demand on demand.is_known
    where is_allocated and {{ condition }}
    union all
    select
        'allocation_load', '{{ scope_type }}', {{ scope_id }}, 'denominator', 'people', null, capacity.person_id, null, capacity.label,
        organization.as_of_date, capacity.amount, 'hours', organization.as_of_date, organization.as_of_date
    from capacity
    cross join organization
    inner join demand on demand.is_known
    {% endfor %}

)

select
    metric_id,
    scope_type,
    scope_id,
    part,
    entity,
    source,
    record_key,
    url,
    label,
    day,
    cast(amount as decimal(38, 9))                                          as amount,
    unit,
    counts_from,
    counts_until
from counted
where counts_from <= counts_until

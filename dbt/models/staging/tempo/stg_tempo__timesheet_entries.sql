-- One row per connection and worklog. People and issues are those of the Jira source that the connection names. An approval is of a person's period:
-- one that was withdrawn, or is not given yet, leaves approved_at empty.
with approvals as (

    select
        connection,
        r."user".accountId                             as account_id,
        {{ cast_date('r.period."from"') }}             as first_day,
        {{ cast_date('r.period."to"') }}               as last_day,
        {{ cast_instant('r.status.updatedAt', "'UTC'") }} as approved_at
    from {{ ref('base_tempo__timesheet_approvals') }}
    where r.status.key = 'APPROVED' and not is_deleted

),

worklogs as (

    select
        worklogs.*,
        {{ member_where('worklogs.r.attributes."values"', 'key', 'coalesce(connections.r.activity_attribute, \'\')', 'value') }} as attribute_value,
        {{ member_where('worklogs.r.attributes."values"', 'key', "'_Account_'", 'value') }} as account_key,
        connections.r.activity_attribute               as activity_attribute,
        connections.r.jira                             as jira,
        {{ cast_date('worklogs.r.startDate') }}        as work_date
    from {{ ref('base_tempo__worklogs') }} as worklogs
    inner join {{ ref('base_tempo__connection') }} as connections
        on connections.connection = worklogs.connection
    where worklogs.r is not null

),

-- Periods may overlap where the length of a period was changed: the last approval counts.
approved as (

    select
        worklogs.connection,
        worklogs.record_id,
        max(approvals.approved_at)                     as approved_at
    from worklogs
    inner join approvals
        on approvals.connection = worklogs.connection
        and approvals.account_id = worklogs.r.author.accountId
        and approvals.first_day <= worklogs.work_date
        and approvals.last_day >= worklogs.work_date
    group by worklogs.connection, worklogs.record_id

)

select
    worklogs.source,
    worklogs.record_id                                 as entry_id,
    worklogs.r.author.accountId                        as source_user_id,
    cast(null as varchar)                              as project_id,
    cast(null as varchar)                              as scope_id,
    worklogs.r.issue.id                                as item_id,
    worklogs.work_date,
    {{ hours_of_seconds('worklogs.r.timeSpentSeconds') }} as hours,
    case
        when worklogs.activity_attribute is not null then worklogs.attribute_value
        else coalesce(accounts.r.name, worklogs.account_key)
    end                                                as activity_original,
    {{ cast_integer('worklogs.r.billableSeconds') }} > 0 as billable,
    {{ cast_instant('worklogs.r.createdAt', "'UTC'") }} as submitted_at,
    cast(null as timestamp)                            as submitted_local,
    approved.approved_at,
    cast(null as timestamp)                            as approved_local,
    worklogs.r.description                             as note,
    worklogs.jira                                      as users_of,
    worklogs.jira                                      as items_of,

    -- how it came
    worklogs.connection,
    worklogs.delivery,
    worklogs.file,
    worklogs.line,
    worklogs.is_deleted,
    {{ cast_losses({
        'worklogs.r.startDate': ['worklogs.work_date'],
        'worklogs.r.timeSpentSeconds': [hours_of_seconds('worklogs.r.timeSpentSeconds')],
        'worklogs.r.createdAt': [cast_instant('worklogs.r.createdAt', "'UTC'")]
    }) }}                                              as cast_losses,
    worklogs.landed_versions
from worklogs
left join {{ ref('base_tempo__accounts') }} as accounts
    on accounts.connection = worklogs.connection
    and accounts.r.key = worklogs.account_key
left join approved
    on approved.connection = worklogs.connection
    and approved.record_id = worklogs.record_id

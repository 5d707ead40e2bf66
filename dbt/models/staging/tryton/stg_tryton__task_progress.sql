-- One row per task and landed version that shows a new progress: a state from its stamp on, known since the run that read it.
with versions as (

    select
        *,
        {{ cast_decimal('r.progress', 18, 9) }}        as progress,
        lag({{ cast_decimal('r.progress', 18, 9) }}) over (partition by source, record_id order by delivery, line) as progress_before
    from ({{ all_record_versions('tryton', 'works', {
        "type": "VARCHAR",
        "progress": "VARCHAR",
        "create_date": tryton_instant_members(),
        "write_date": tryton_instant_members()
    }) }})
    where r.type = 'task'

)

select
    cast(null as varchar)                              as project_id,
    roots.scope_id,
    versions.record_id                                 as task_id,
    least(
        coalesce({{ tryton_instant('versions.r.write_date') }}, {{ tryton_instant('versions.r.create_date') }}, versions.extracted_at),
        versions.extracted_at
    )                                                  as status_at,
    cast(null as timestamp)                            as status_local,
    cast(null as date)                                 as status_date,
    cast(versions.progress * 100 as decimal(18, 9))    as percent_complete,

    -- how it came
    versions.connection,
    versions.delivery,
    versions.file,
    versions.line,
    false                                              as is_deleted,
    cast(null as varchar)                              as cast_losses,
    1                                                  as landed_versions
from versions
left join {{ ref('int_tryton__work_roots') }} as roots
    on roots.source = versions.source
    and roots.work_id = versions.record_id
where versions.progress is not null
    and versions.progress is distinct from versions.progress_before

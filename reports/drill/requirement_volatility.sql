-- Features and tasks that were added, removed or changed in the month (an item that came and went stands twice); and those in scope at its start.
with moves as (

    select project_id, source, item_id, record_key, url, label, started_on as day, 'added' as move
    from evidence.quality_facts
    where fact = 'in_scope'
    union all
    select project_id, source, item_id, record_key, url, label, ended_on, 'removed'
    from evidence.quality_facts
    where fact = 'in_scope' and ended_on is not null
    union all
    select project_id, source, item_id, record_key, url, label, started_on, 'changed'
    from evidence.quality_facts
    where fact = 'changed'

)

select
    told.scope_type,
    told.scope_id,
    told.period_start,
    told.as_of_date,
    'numerator' as part,
    'work_items' as entity,
    moves.source,
    any_value(moves.record_key) as record_key,
    any_value(moves.url) as url,
    any_value(moves.label) || ' (' || moves.move || ')' as label,
    min(moves.day) as day,
    1 as amount,
    'items' as unit
from reports.kpi_values as told
inner join moves
    on moves.project_id = told.scope_id
    and moves.day between told.period_start and told.as_of_date
where told.metric_id = 'requirement_volatility'
    -- what was in scope all month, and only that, can have been changed in it
    and (
        moves.move <> 'changed'
        or exists (
            select 1
            from evidence.quality_facts as scope
            where scope.fact = 'in_scope'
                and scope.source = moves.source
                and scope.item_id = moves.item_id
                and scope.started_on < told.period_start
                and (scope.ended_on is null or scope.ended_on > told.as_of_date)
        )
    )
group by told.scope_type, told.scope_id, told.period_start, told.as_of_date, moves.source, moves.item_id, moves.move

union all

select
    told.scope_type,
    told.scope_id,
    told.period_start,
    told.as_of_date,
    'denominator' as part,
    'work_items' as entity,
    facts.source,
    facts.record_key,
    facts.url,
    facts.label,
    facts.started_on as day,
    1 as amount,
    'items' as unit
from reports.kpi_values as told
inner join evidence.quality_facts as facts
    on facts.project_id = told.scope_id
    and facts.fact = 'in_scope'
    and facts.started_on < told.period_start
    and (facts.ended_on is null or facts.ended_on >= told.period_start)
where told.metric_id = 'requirement_volatility'

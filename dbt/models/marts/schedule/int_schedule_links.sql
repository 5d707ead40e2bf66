-- One row per link between two leaf tasks of an active baseline: how it binds what is left to do. A link binds an open successor only; where its
-- predecessor's side has already happened it is a fixed bound.
with ends as (

    select
        links.project_id,
        links.predecessor_id,
        links.successor_id,
        links.link_type,
        links.lag_days,
        predecessors.task_number                                            as predecessor_number,
        successors.task_number                                              as successor_number,
        successors.state <> 'finished'                                      as is_into_open,
        links.link_type in ('FS', 'FF')                                     as is_from_finish,
        links.link_type in ('FF', 'SF')                                     as is_to_finish,
        cast(round(links.lag_days * 28800) as bigint)                       as lag_seconds,
        -- What is left of a task that has begun still waits for its predecessors' finish (retained logic), not for a start.
        successors.state = 'not_started'
            or (successors.state = 'in_progress' and links.link_type <> 'SS') as is_binding,
        case when links.link_type in ('FS', 'FF') then predecessors.ended_position else predecessors.begun_position end as happened_position,
        successors.remaining_seconds
    from {{ ref('task_links') }} as links
    inner join {{ ref('int_schedule_tasks') }} as predecessors
        on links.project_id = predecessors.project_id
        and links.predecessor_id = predecessors.task_id
    inner join {{ ref('int_schedule_tasks') }} as successors
        on links.project_id = successors.project_id
        and links.successor_id = successors.task_id

)

select
    project_id,
    predecessor_id,
    successor_id,
    link_type,
    lag_days,
    predecessor_number,
    successor_number,
    is_into_open,
    is_from_finish,
    is_to_finish,
    lag_seconds,
    is_binding and happened_position is null                                as is_live,
    case
        when is_binding then happened_position + lag_seconds - case when is_to_finish then remaining_seconds else 0 end
    end                                                                     as bound_position
from ends

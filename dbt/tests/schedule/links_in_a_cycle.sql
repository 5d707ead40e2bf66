-- Tasks that wait for themselves through their links, each with the tasks it waits for: the project has no critical path until one link goes.
{{ config(severity='warn', meta={'table': 'schedule_quality', 'advice': 'Take one link out of each cycle in the plan. Until then float, the critical path test and CPLI of the project are not applicable.'}) }}
select
    links.project_id,
    links.successor_id                              as task_id,
    links.predecessor_id                            as waits_for,
    links.link_type
from {{ ref('int_schedule_links') }} as links
inner join {{ ref('critical_path') }} as successors
    on links.successor_number = successors.task_number
    and successors.is_in_cycle
inner join {{ ref('critical_path') }} as predecessors
    on links.predecessor_number = predecessors.task_number
    and predecessors.is_in_cycle
order by project_id, task_id, waits_for

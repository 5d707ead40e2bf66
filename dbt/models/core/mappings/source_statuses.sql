-- One row per status that a system lists: its id, which histories speak of, and its name of today.
select
    source,
    status_id,
    max(name)                                          as name
from ({{ union_staged('source_statuses', columns=['source', 'status_id', 'name']) }}) as listed
group by source, status_id

-- One row per status that a system lists: its id, which histories speak of, and its name of today. An undecided one is done for one team and
-- discarded for another: no map for all sources speaks of it.
select
    source,
    status_id,
    max(name)                                          as name,
    max(is_undecided) is not null                      as is_undecided
from ({{ union_staged('source_statuses', columns=['source', 'status_id', 'name', 'is_undecided']) }}) as listed
group by source, status_id

-- One row per scope that a system lists, with its name there.
select
    source,
    scope_id,
    max(name)                                          as name
from ({{ union_staged('source_scopes', columns=['source', 'scope_id', 'name']) }}) as listed
group by source, scope_id

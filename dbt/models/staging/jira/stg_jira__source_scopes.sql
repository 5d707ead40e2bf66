-- One row per connection and scope that hours, items or sprints may name: projects by key, boards of no project by id.
select
    source,
    'project'                                          as scope_type,
    r.key                                              as scope_id,
    r.name                                             as name
from {{ ref('base_jira__projects') }}

union all

select
    source,
    'board'                                            as scope_type,
    'board|' || record_id                              as scope_id,
    r.name                                             as name
from {{ ref('base_jira__boards') }}

-- One row per baseline that has tasks: budget at completion, first start and last finish of its leaves.
select
    project_id,
    baseline_version,
    cast(sum(budget + fixed_cost) as decimal(28, 6)) as bac,
    cast(sum(case when earning_method = 'level_of_effort' then budget + fixed_cost else 0 end) as decimal(28, 6)) as loe_budget,
    min(start_at)                                    as start_at,
    max(finish_at)                                   as finish_at,
    min(start_position)                              as start_position,
    max(finish_position) - min(start_position)       as pd_seconds
from {{ ref('int_baseline_leaves') }}
group by project_id, baseline_version

-- One row per work item whose history does not lead to its state: it is in quarantine with both values, and in no number, until that is made good.
select
    quarantine.connection,
    quarantine.record                                  as item_id
from {{ ref('stg_landing__quarantine') }} as quarantine
left join {{ ref('base_pingcode__transition_histories') }} as settled
    on settled.connection = quarantine.connection
    and settled.record_id = quarantine.record
where quarantine.source = 'pingcode'
    and quarantine.stream = 'transition_histories'
    and quarantine."column" = 'check'
group by quarantine.connection, quarantine.record
having max(quarantine.delivery) > coalesce(max(settled.delivery), 0)

-- One row per role and month from that of as_of on, as far as there is work to do: what the role can work, and what is asked of it.
with demand_is_known as (

    -- Where no item says how long it takes, nothing is known of the demand; where all that do are done, it is 0.
    select count(*) > 0 as is_known
    from {{ ref('work_items') }}
    where remaining_hours is not null or estimate_hours is not null

),

horizon as (

    select
        max(case when open_hours > 0 or month = {{ month_start(as_of_date()) }} then month end) as last_month
    from {{ ref('workload_months') }}

),

-- Every role in every month: a role without people or without work in one of them has 0 of it there.
grid as (

    select roles.role, months.month
    from (select distinct role from {{ ref('workload_months') }}) as roles
    cross join (select distinct month from {{ ref('workload_months') }}) as months
    inner join horizon on months.month <= horizon.last_month
    -- Without people nothing is known of any capacity.
    where exists (select 1 from {{ ref('people') }})

)

select
    grid.role,
    grid.month,
    cast(coalesce(sum(workload.capacity_hours), 0) as decimal(18, 9))       as capacity_hours,
    cast(
        case when demand_is_known.is_known then coalesce(sum(workload.logged_hours + workload.open_hours), 0) end as decimal(18, 9)
    )                                                                       as demand_hours,
    cast(
        case
            when demand_is_known.is_known
                then coalesce(sum(workload.logged_hours + workload.open_hours - workload.capacity_hours), 0)
        end as decimal(18, 9)
    )                                                                       as gap_hours
from grid
cross join demand_is_known
left join {{ ref('workload_months') }} as workload
    on workload.role = grid.role
    and workload.month = grid.month
group by grid.role, grid.month, demand_is_known.is_known

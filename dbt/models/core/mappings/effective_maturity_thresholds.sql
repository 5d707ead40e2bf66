-- One row per function, indicator and maturity level: the shipped seed, and what a source delivered, which wins.
with offered as (

    select "function", indicator, "level", threshold, window_months, version, 2 as precedence
    from {{ current_rows('maturity_thresholds', by=['"function"', 'indicator', '"level"']) }}
    -- Level 1 asks for nothing.
    where "level" > 1

    union all

    select "function", indicator, "level", threshold, window_months, version, 1 as precedence
    from {{ ref('maturity_thresholds') }}

)

select
    "function"                                         as "function",
    indicator,
    cast("level" as integer)                           as "level",
    cast(threshold as decimal(28, 9))                  as threshold,
    -- Who gives a threshold and no window means the usual one.
    cast(coalesce(window_months, case when "level" >= 5 then 12 when "level" = 4 then 6 else 3 end) as integer) as window_months,
    coalesce(version, 'unversioned')                   as version
from offered
qualify row_number() over (partition by "function", indicator, "level" order by precedence desc) = 1

-- One row per maturity indicator and reporting month: the level that its value has held. A level counts once the value has met its
-- threshold, and those of all lower levels, in each month of the level's window; it is lost in the first month that misses. A month without
-- evidence neither meets nor misses: then the level is not known, never 1.
with judged as (

    select
        indicators."function",
        indicators.indicator,
        indicators.month,
        thresholds."level",
        thresholds.window_months,
        -- what is still missing, in the indicator's own unit; nothing where any value will do
        case
            when indicators.value is null then null
            when thresholds.threshold is null then 0
            when indicators.direction = 'down' then greatest(indicators.value - cast(thresholds.threshold as double), 0)
            else greatest(cast(thresholds.threshold as double) - indicators.value, 0)
        end                                            as shortfall,
        indicators.has_evidence,
        {{ month_number('indicators.month') }}         as month_number
    from {{ ref('capability_indicators') }} as indicators
    inner join {{ ref('effective_maturity_thresholds') }} as thresholds
        on indicators."function" = thresholds."function"
        and indicators.indicator = thresholds.indicator

),

-- Seen from a month, the last one that missed the level, and the last one that nobody can judge; before the first month nothing is known.
recalled as (

    select
        *,
        max(case when has_evidence and shortfall > 0 then month_number end) over history as last_missed,
        coalesce(max(case when not has_evidence then month_number end) over history, min(month_number) over history - 1) as last_unknown
    from judged
    window history as (partition by "function", indicator, "level" order by month_number rows unbounded preceding)

),

held as (

    select
        *,
        coalesce(last_missed > month_number - window_months, false)                         as is_missed,
        month_number - greatest(coalesce(last_missed, last_unknown), last_unknown) >= window_months as is_held
    from recalled

),

-- The ladder is climbed to the first level that is not held. Whether that one was missed or cannot be judged matters on the lowest rung
-- alone.
climbed as (

    select
        "function",
        indicator,
        month,
        max("level")                                   as highest_level,
        min("level") filter (where not is_held)        as next_level,
        min(case when is_held or is_missed then 0 else "level" end) filter (where is_lowest) > 0 as is_lowest_unknown
    from (
        select *, "level" = min("level") over (partition by "function", indicator) as is_lowest from held
    ) as rungs
    group by "function", indicator, month

),

needed as (

    select
        held."function",
        held.indicator,
        held.month,
        max(held.shortfall)                            as gap_to_next
    from held
    inner join climbed
        on held."function" = climbed."function"
        and held.indicator = climbed.indicator
        and held.month = climbed.month
        and held."level" <= climbed.next_level
    group by held."function", held.indicator, held.month

)

select
    indicators."function",
    indicators.indicator,
    indicators.month,
    indicators.as_of_date,
    indicators.is_condition,
    indicators.value,
    indicators.unit,
    indicators.direction,
    indicators.projects_usable,
    indicators.projects_in_scope,
    indicators.has_evidence,
    case
        -- A condition that nobody can show is not met; it does not hide the levels under it.
        when not indicators.is_condition and (not indicators.has_evidence or climbed.is_lowest_unknown) then null
        else coalesce(climbed.next_level - 1, climbed.highest_level)
    end                                                as "level",
    climbed.next_level,
    needed.gap_to_next,
    case
        when not indicators.has_evidence then indicators.reason
        when not indicators.is_condition and climbed.is_lowest_unknown then 'short_history'
        when needed.gap_to_next = 0 then 'not_held_yet'
    end                                                as reason
from {{ ref('capability_indicators') }} as indicators
inner join climbed
    on indicators."function" = climbed."function"
    and indicators.indicator = climbed.indicator
    and indicators.month = climbed.month
left join needed
    on indicators."function" = needed."function"
    and indicators.indicator = needed.indicator
    and indicators.month = needed.month

-- One row per function and reporting month, and `overall`: a chain is as strong as its weakest link, so a level is the least of what it is
-- made of. Where under 60 % of the projects in scope have usable data, there is no level: not 1, and not left out of the table.
-- Definitions: metrics, section 4.
with functions as (

    select
        "function",
        month,
        as_of_date,
        sum(projects_usable) filter (where not is_condition)                       as projects_usable,
        sum(projects_in_scope) filter (where not is_condition)                     as projects_in_scope,
        count(*) filter (where not is_condition)                                   as indicators,
        count(*) filter (where not is_condition and has_evidence)                  as indicators_with_evidence,
        count("level") filter (where not is_condition)                             as indicators_with_level,
        sum("level") filter (where not is_condition)                               as sum_of_levels,
        min("level")                                                               as least_level
    from {{ ref('indicator_levels') }}
    group by "function", month, as_of_date

),

told as (

    select
        *,
        {{ percentage('projects_usable', 'projects_in_scope') }}                   as evidence_coverage_pct,
        -- In whole numbers, so that 60 % is enough. The same share of the indicators must have been measured for long enough: the least of
        -- what is left of them says little.
        coalesce(100 * projects_usable >= {{ enough_evidence_pct() }} * projects_in_scope and projects_in_scope > 0, false)
            and indicators_with_level > 0
            and 100 * indicators_with_level >= {{ enough_evidence_pct() }} * indicators_with_evidence as has_level
    from functions

),

-- What holds a function back: of its least indicators the one that is farthest from its next level.
limits as (

    select
        "function",
        month,
        indicator                                                                  as limiting_indicator,
        gap_to_next,
        reason
    from {{ ref('indicator_levels') }}
    where "level" is not null
    qualify row_number() over (partition by "function", month order by "level", gap_to_next desc nulls last, indicator) = 1

),

function_levels as (

    select
        told."function",
        told.month,
        told.as_of_date,
        case when told.has_level then told.least_level end                         as "level",
        case when told.has_level then {{ ratio('told.sum_of_levels', 'told.indicators_with_level') }} end as mean_level,
        case when told.has_level then limits.limiting_indicator end                as limiting_indicator,
        cast(null as varchar)                                                      as limiting_function,
        case when told.has_level then limits.gap_to_next end                       as gap_to_next,
        told.evidence_coverage_pct,
        told.has_level and told.indicators_with_level = told.indicators            as is_complete,
        case
            when told.has_level then
                case when told.indicators_with_level < told.indicators then 'incomplete' else limits.reason end
            when told.projects_in_scope = 0 then 'no_projects'
            when 100 * told.projects_usable < {{ enough_evidence_pct() }} * told.projects_in_scope then 'low_coverage'
            when told.indicators_with_evidence = 0 then 'low_coverage'
            else 'short_history'
        end                                                                        as reason,
        told.projects_usable,
        told.projects_in_scope
    from told
    left join limits
        on told."function" = limits."function"
        and told.month = limits.month

),

limiting_functions as (

    select *
    from function_levels
    where "level" is not null
    qualify row_number() over (partition by month order by "level", gap_to_next desc nulls last, "function") = 1

),

overall as (

    select
        'overall'                                                                  as "function",
        month,
        as_of_date,
        min("level")                                                               as "level",
        {{ ratio('sum("level")', 'count("level")') }}                              as mean_level,
        {{ percentage('sum(projects_usable)', 'sum(projects_in_scope)') }}         as evidence_coverage_pct,
        count("level") = count(*)                                                  as is_complete,
        count("level")                                                             as functions_with_level,
        min(reason) filter (where "level" is null)                                 as missing_reason,
        count(distinct reason) filter (where "level" is null)                      as missing_reasons
    from function_levels
    group by month, as_of_date

)

select
    "function",
    month,
    as_of_date,
    cast("level" as bigint)                                                        as "level",
    mean_level,
    limiting_indicator,
    limiting_function,
    gap_to_next,
    evidence_coverage_pct,
    is_complete,
    case when "level" is null then 'insufficient_evidence' else 'ok' end           as status,
    reason,
    cast(null as bigint)                                                           as functions_with_level
from function_levels

union all

select
    overall."function",
    overall.month,
    overall.as_of_date,
    cast(overall."level" as bigint),
    overall.mean_level,
    limiting.limiting_indicator,
    limiting."function",
    limiting.gap_to_next,
    overall.evidence_coverage_pct,
    overall.is_complete,
    case when overall."level" is null then 'insufficient_evidence' else 'ok' end,
    case
        when overall."level" is null then case when overall.missing_reasons = 1 then overall.missing_reason else 'low_coverage' end
        when not overall.is_complete then 'incomplete'
        else limiting.reason
    end,
    overall.functions_with_level
from overall
left join limiting_functions as limiting on overall.month = limiting.month

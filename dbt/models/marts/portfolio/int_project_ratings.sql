-- One row per project, reporting month and rated metric: its colour by the tolerances, and the sentence that says why.
with positions as (

    select evm.project_id, evm.month, evm.cpi, evm.spi_t, evm.vac_pct, dates.late_pct
    from {{ ref('int_project_evm') }} as evm
    inner join {{ ref('int_project_dates') }} as dates on evm.project_id = dates.project_id and evm.month = dates.month

),

rated as (

    select project_id, month, 'cpi' as metric_id, 'CPI' as label, cast(cpi as double) as value, false as is_lower_better from positions
    union all
    select project_id, month, 'spi_t', 'SPI(t)', cast(spi_t as double), false from positions
    union all
    select project_id, month, 'vac_pct', 'variance at completion %', cast(vac_pct as double), false from positions
    union all
    select project_id, month, 'forecast_finish', 'lateness % of baseline duration', cast(late_pct as double), true from positions

)

select
    rated.project_id,
    rated.month,
    rated.metric_id,
    rated.value,
    {{ rag('rated.value', 'tolerances.green', 'tolerances.amber', 'rated.is_lower_better') }} as rag,
    {{ rag_reason('rated.label', 'rated.value', 'tolerances.green', 'tolerances.amber', 'rated.is_lower_better') }} as reason
from rated
inner join {{ ref('effective_tolerances') }} as tolerances on rated.metric_id = tolerances.metric_id
where rated.value is not null and tolerances.green is not null

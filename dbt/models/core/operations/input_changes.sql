-- One row per mapping in force, with its fingerprint, and per other input that has changed since the build before. `cause` is what a change of it
-- makes of a restatement, NULL where nothing has changed. `streams` are the streams that a change bears on, NULL for all.
with in_force as (

    {% set mappings = [
        ('status_map',           ['source', 'status', 'category'],                                            'work_items, item_events'),
        ('item_type_map',        ['source', 'type', 'kind'],                                                  'work_items'),
        ('cost_category_map',    ['source', 'source_category', 'category'],                                   'cost_transactions, budgets'),
        ('activity_map',         ['source', 'activity', 'productive', 'class'],                               'timesheet_entries'),
        ('tolerances',           ['metric_id', 'green', 'amber', 'is_one_sided', 'minimum_n'],                none),
        ('maturity_thresholds',  ['"function"', 'indicator', '"level"', 'threshold', 'window_months', 'version'], none),
    ] %}
    {% for name, columns, streams in mappings %}
    {%- set cells = [] -%}
    {%- for column in columns -%}
        {%- do cells.append("coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '~')") -%}
    {%- endfor %}
    select
        '{{ name }}'                                    as name,
        {{ "'" ~ streams ~ "'" if streams else "cast(null as " ~ dbt.type_string() ~ ")" }} as streams,
        {{ dbt.hash("coalesce(" ~ dbt.listagg("line", "chr(10)", "order by line") ~ ", '')") }} as fingerprint
    from (
        select {{ cells | join(" || '|' || ") }} as line
        from {{ ref('effective_' ~ name) }}
    ) as lines
    {{ "union all" if not loop.last }}
    {% endfor %}

),

before as (

    select
        kind,
        name,
        fingerprint,
        is_corrected
    from {{ ref('stg_gate__earlier_inputs') }}

)

select
    'mapping'                                           as kind,
    in_force.name,
    in_force.streams,
    in_force.fingerprint,
    case when before.fingerprint != in_force.fingerprint then 'mapping' end as cause
from in_force
left join before
    on before.kind = 'mapping'
    and before.name = in_force.name

union all

select
    kind,
    name,
    case when kind in ('stream', 'remapped') then name end as streams,
    null                                                as fingerprint,
    case kind
        when 'remapped' then 'mapping'
        when 'stream' then case when is_corrected then 'correction' else 'late_fact' end
        else 'definition'
    end                                                 as cause
from before
where kind != 'mapping'

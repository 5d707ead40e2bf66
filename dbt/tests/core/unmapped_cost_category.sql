-- Cost categories that nobody mapped: their amounts count as `other`. Labor among them would be counted beside the timesheets.
{{ config(severity="warn", meta={"table": "cost_categories", "advice": "Add a line per category to cost_category_map.csv in a files source."}) }}
select
    source,
    source_category,
    ledger_lines,
    budget_lines
from {{ ref('cost_categories') }}
where not is_mapped
order by ledger_lines desc, budget_lines desc, source, source_category

-- Hours that a review rejected or ended: they stay in the landing and count in no number.
{{ config(severity='warn', meta={
    "table": "staging",
    "advice": "Nothing, if the reviews are right; else have the lines approved in PingCode."
}) }}
{%- if "pingcode" in staged_types() %}
select
    connection                                         as source,
    record_id                                          as entry_id,
    r.report_by.id                                     as source_user_id,
    work_date,
    r.duration                                         as hours,
    r.review_state                                     as review_state
from {{ ref('base_pingcode__hours') }}
where is_refused and not is_deleted
{%- else %}
select cast(null as varchar) as source where 1 = 0
{%- endif %}

-- One row per restatement of the builds before.
{{ config(materialized="view") }}
select * from {{ ref('stg_gate__earlier_restatements') }}

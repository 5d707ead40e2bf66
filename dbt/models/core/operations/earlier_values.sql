-- One row per value of a period that was closed when the build before told it.
{{ config(materialized="view") }}
select * from {{ ref('stg_gate__earlier_values') }}

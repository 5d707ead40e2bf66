-- One row per mapping of the build before, and per input that has changed since.
{{ config(materialized="view") }}
select
    kind,
    name,
    fingerprint,
    is_corrected
from {{ source("gate", "earlier_inputs") }}

-- One row per status that nobody mapped, with what it holds up. Nothing is built on it, so that the check on it names all at once.
select
    source,
    status,
    status_name,
    items,
    events
from {{ ref('status_categories') }}
where category is null

-- One row per user of a source: the person behind it.
select
    source,
    source_user_id,
    person_id
from {{ current_rows('identities', by=['source', 'source_user_id']) }}

-- One row per program.
select
    program_id,
    name,
    portfolio_id
from {{ current_rows('programs', by=['program_id']) }}

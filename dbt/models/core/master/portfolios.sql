-- One row per portfolio.
select
    portfolio_id,
    name,
    parent_portfolio_id,
    owner_id
from {{ current_rows('portfolios', by=['portfolio_id']) }}

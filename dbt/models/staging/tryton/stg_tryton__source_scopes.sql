-- One row per connection and scope: the works above all, and the analytic accounts that carry lines.
select
    works.source,
    'work'                                             as scope_type,
    works.record_id                                    as scope_id,
    works.r.name                                       as name
from {{ ref('base_tryton__works') }} as works
where works.r is not null and works.r.parent is null

union all

select
    accounts.source,
    'account'                                          as scope_type,
    {{ tryton_account_scope('accounts') }}             as scope_id,
    accounts.r.name                                    as name
from {{ ref('base_tryton__analytic_accounts') }} as accounts
where accounts.r is not null and accounts.r.type not in ('root', 'view')

-- One row per connection and budget version, category and period of a project: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'budgets') }}

),

typed as (

    select
        project_id,
        cast(null as varchar)                       as scope_id,
        budget_version,
        category                                    as category_original,
        lower(period)                               as period,
        {{ cast_decimal('amount', 28, 6) }}         as amount,
        upper(currency)                             as currency,
        lower(spend_type)                           as spend_type,
        {{ cast_instant('approved_at') }}           as approved_at,
        {{ cast_local('approved_at', days=false) }} as approved_local,
        {{ cast_day('approved_at') }}               as approved_date,

        -- how it came
        _connection                                 as connection,
        _delivery                                   as delivery,
        _file                                       as file,
        _line                                       as line,
        _deleted                                    as is_deleted,
        {{ cast_losses({
            'amount': [cast_decimal('amount', 28, 6)],
            'approved_at': [cast_instant('approved_at'), cast_local('approved_at', days=false), cast_day('approved_at')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['project_id', 'budget_version', 'category_original', 'period']) }} as landed_versions
from typed
{{ keep_newest(by=['project_id', 'budget_version', 'category_original', 'period']) }}

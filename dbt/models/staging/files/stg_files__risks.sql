-- One row per connection and risk: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'risks') }}

),

typed as (

    select
        risk_id,
        project_id,
        lower(kind)                                      as kind,
        title,
        {{ cast_decimal('probability', 18, 9) }}         as probability,
        {{ cast_decimal('impact_cost', 28, 6) }}         as impact_cost,
        {{ cast_decimal('impact_days', 18, 9) }}         as impact_days,
        upper(currency)                                  as currency,
        lower(status)                                    as status,
        {{ cast_instant('opened_at') }}                  as opened_at,
        {{ cast_local('opened_at', days=false) }}        as opened_local,
        {{ cast_day('opened_at') }}                      as opened_date,
        {{ cast_instant('closed_at') }}                  as closed_at,
        {{ cast_local('closed_at', days=false) }}        as closed_local,
        {{ cast_day('closed_at') }}                      as closed_date,
        owner_id,
        response,
        {{ cast_date('response_due') }}                  as response_due,
        {{ cast_instant('response_done_at') }}           as response_done_at,
        {{ cast_local('response_done_at', days=false) }} as response_done_local,
        {{ cast_day('response_done_at') }}               as response_done_date,

        -- how it came
        _connection                                      as connection,
        _delivery                                        as delivery,
        _file                                            as file,
        _line                                            as line,
        _deleted                                         as is_deleted,
        {{ cast_losses({
            'probability': [cast_decimal('probability', 18, 9)],
            'impact_cost': [cast_decimal('impact_cost', 28, 6)],
            'impact_days': [cast_decimal('impact_days', 18, 9)],
            'opened_at': [cast_instant('opened_at'), cast_local('opened_at', days=false), cast_day('opened_at')],
            'closed_at': [cast_instant('closed_at'), cast_local('closed_at', days=false), cast_day('closed_at')],
            'response_due': [cast_date('response_due')],
            'response_done_at': [cast_instant('response_done_at'), cast_local('response_done_at', days=false), cast_day('response_done_at')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['risk_id']) }} as landed_versions
from typed
{{ keep_newest(by=['risk_id']) }}

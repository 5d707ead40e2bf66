{#
    Intervals of shares, 95 % and two-sided. They answer how far a share of so few cases can be trusted, and never leave 0..1.

    wilson_bound('lower', 'on_time', 'closed')                    -> Wilson's score interval of on_time / closed, one end.
    newcombe_bound('lower', 'now', 'n_now', 'then', 'n_then')     -> of now / n_now - then / n_then: Newcombe's hybrid score interval
                                                                     (1998, method 10: of the two Wilson intervals, uncorrected).

    NULL where an n is 0 or NULL. Shares are 0..1; multiply once for percentage points.
#}

{#- The 97.5th percentile of the standard normal distribution. -#}
{% macro normal_975() -%} 1.959963984540054e0 {%- endmacro %}

{% macro wilson_bound(end, successes, n) -%}
    (
        2 * cast({{ successes }} as double) + {{ normal_975() }} * {{ normal_975() }}
        {{ '-' if end == 'lower' else '+' }} {{ normal_975() }} * sqrt(
            {{ normal_975() }} * {{ normal_975() }}
            + 4 * cast({{ successes }} as double) * (1 - {{ ratio(successes, n) }})
        )
    ) / (2 * (nullif(cast({{ n }} as double), 0) + {{ normal_975() }} * {{ normal_975() }}))
{%- endmacro %}

{% macro newcombe_bound(end, successes_now, n_now, successes_then, n_then) -%}
    {%- set other = 'upper' if end == 'lower' else 'lower' -%}
    (
        {{ ratio(successes_now, n_now) }} - {{ ratio(successes_then, n_then) }}
        {{ '-' if end == 'lower' else '+' }} sqrt(
            power({{ ratio(successes_now, n_now) }} - {{ wilson_bound(end, successes_now, n_now) }}, 2)
            + power({{ ratio(successes_then, n_then) }} - {{ wilson_bound(other, successes_then, n_then) }}, 2)
        )
    )
{%- endmacro %}

{#
    An amount in another currency: DECIMAL(28, 6), rounded once.

    Twelve decimals before the multiplication keep hours × rate exact and leave 14 digits before the point: a DECIMAL has 38 digits in all,
    and the product of 12 and 12 decimals takes 24 of them.
#}

{% macro convert_amount(amount, fx_rate) -%}
    cast(cast({{ amount }} as decimal(28, 12)) * cast({{ fx_rate }} as decimal(28, 12)) as decimal(28, 6))
{%- endmacro %}

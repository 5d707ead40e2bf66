{#
    The one way to divide. Belongs here: ratios of additive quantities. Does not: the quantities themselves.

    ratio('ev', 'ac')                 -> ev / ac, NULL where either is NULL or the denominator is 0; never 0, never 1.
    percentage('productive', 'capacity') -> 100 * productive / capacity, NULL likewise.

    Numerator and denominator are DECIMAL or integer sums; the quotient is a DOUBLE, computed once from them, so the same sums give the same bits.
    Calls nest: ratio('bac - ev', ratio('ev', 'ac')).
#}

{% macro ratio(numerator, denominator) -%}
    (cast(({{ numerator }}) as double) / nullif(cast(({{ denominator }}) as double), 0))
{%- endmacro %}

{% macro percentage(numerator, denominator) -%}
    {{ ratio('100 * (' ~ numerator ~ ')', denominator) }}
{%- endmacro %}

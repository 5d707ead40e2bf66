{#- Percentile with linear interpolation between the two nearest values: the method that the metric definitions name. -#}
{% macro percentile_linear(value, share) -%} {{ return(adapter.dispatch("percentile_linear", "pmo")(value, share)) }} {%- endmacro %}
{% macro default__percentile_linear(value, share) -%} quantile_cont(cast({{ value }} as double), {{ share }}) {%- endmacro %}

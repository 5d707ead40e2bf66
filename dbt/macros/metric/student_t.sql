{#-
  The 97.5 % quantile of Student's t for some degrees of freedom: half a 95 % interval of a mean, in standard errors. Over 30 that of 30, which is a
  little too wide; without any NULL.
-#}
{% macro student_t(degrees_of_freedom) -%} {{ return(adapter.dispatch("student_t", "pmo")(degrees_of_freedom)) }} {%- endmacro %}
{% macro default__student_t(degrees_of_freedom) -%}
    list_extract(
        [
            12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
            2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
        ],
        least({{ degrees_of_freedom }}, 30)
    )
{%- endmacro %}

{#-
  A staged moment is up to three columns (see the casts): `<base>_at`, `<base>_local` and, where a day is allowed, `<base>_date`.
  These put them together once the zone is known. A day stands for its first instant, unless `day_is="end"`: then for its end.
-#}
{% macro moment_at(base, zone, days=true, day_is="start") -%}
    coalesce(
        {{ base }}_at,
        {{ instant_of(base ~ "_local", zone) }}
        {%- if days %},
        {{ day_start(base ~ "_date", zone) if day_is == "start" else day_end(base ~ "_date", zone) }}
        {%- endif %}
    )
{%- endmacro %}

{% macro moment_date(base, zone, days=true) -%}
    coalesce(
        {% if days %}{{ base }}_date, {% endif %}
        cast({{ base }}_local as date),
        {{ local_day(base ~ "_at", zone) }}
    )
{%- endmacro %}

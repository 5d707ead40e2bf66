{#-
  Keeps the newest delivered version of each key and says in `landed_versions` how many rows were landed for it.
  Ends a staging model: `select * from typed {{ keep_newest(by=[...]) }}`. A row is named by `delivery` and `line`, so the order is total.
-#}
{% macro keep_newest(by, updated_at=none) -%}
{{ return(adapter.dispatch("keep_newest", "pmo")(by, updated_at)) }}
{%- endmacro %}

{% macro default__keep_newest(by, updated_at=none) -%}
qualify row_number() over (
    partition by connection, {{ by | join(", ") }}
    order by {% if updated_at %}{{ updated_at }} desc nulls last, {% endif %}delivery desc, line desc
) = 1
{%- endmacro %}

{#- How many landed rows a key has; the winner carries the number, for the row accounting. -#}
{% macro landed_versions(by) -%}
count(*) over (partition by connection, {{ by | join(", ") }})
{%- endmacro %}

{#-
  The same for streams of many rows, before anything is cast: landed rows, each the newest version of its key, with `landed_versions`. Few keys are
  ever delivered twice, so only the rows of those are ordered; a window over all rows costs three times as much. Landing is read thrice and not
  through a common table: that would hold all columns of all rows in memory. The key is text. `preferred_loads` is a relation of load ids whose
  versions stand above later ones.
-#}
{% macro newest_landed(source_type, entity, key, preferred_loads=none) -%}
    (
        with repeated as (

            select _connection, {{ key }}, count(*) as versions
            from {{ landed(source_type, entity) }} as landed
            group by _connection, {{ key }}
            having count(*) > 1

        ),

        ordered as (

            select
                landed._delivery,
                landed._line,
                repeated.versions,
                row_number() over (
                    partition by landed._connection, landed.{{ key }}
                    order by {% if preferred_loads %}landed._load_id in (select load_id from {{ preferred_loads }}) desc, {% endif %}landed._delivery desc, landed._line desc
                )                                            as version_rank
            from {{ landed(source_type, entity) }} as landed
            inner join repeated
                on repeated._connection = landed._connection
                and repeated.{{ key }} = landed.{{ key }}

        )

        select
            landed.*,
            coalesce(ordered.versions, 1)                    as landed_versions
        from {{ landed(source_type, entity) }} as landed
        left join ordered
            on ordered._delivery = landed._delivery
            and ordered._line = landed._line
        where coalesce(ordered.version_rank, 1) = 1
    )
{%- endmacro %}

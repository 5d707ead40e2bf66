{#- A table in the warehouse of a run, which is new: created in place, in one statement. dbt-duckdb's own way (create aside, look for older
    relations, rename twice, drop) protects readers that this warehouse never has, and was a third of the time of a build. -#}
{% materialization table, adapter="duckdb", supported_languages=["sql", "python"] %}
    {%- set target_relation = this.incorporate(type="table") -%}

    {{ run_hooks(pre_hooks) }}
    {%- if model.language == "python" -%}
        {% do adapter.drop_relation(target_relation) %}
        {% call statement("main", language="python") -%}
            {{ compiled_code }}


def materialize(rows, session):
    session.register("model_rows", rows)
    session.execute("""create or replace table {{ target_relation }} as select * from model_rows""")
    session.unregister("model_rows")
        {%- endcall %}
    {%- else -%}
    {% call statement("main") -%}
        {%- if config.get("contract").enforced -%}
            {{ get_assert_columns_equivalent(compiled_code) }}
            create or replace table {{ target_relation }} {{ get_table_columns_and_constraints() }};
            insert into {{ target_relation }} {{ get_column_names() }} ({{ get_select_subquery(compiled_code) }});
        {%- else -%}
            create or replace table {{ target_relation }} as (
                {{ compiled_code }}
            );
        {%- endif -%}
    {%- endcall %}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}

    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}

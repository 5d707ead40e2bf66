"""Ingest: how records of other systems become durable landing files. Knows no Dagster, no dbt, no report."""

"""Athena's SQL on DuckDB. Imported when the first query is asked: sqlglot and duckdb are heavy."""

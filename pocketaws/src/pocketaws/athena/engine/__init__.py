"""Athena's SQL on DuckDB. Imported with the first query, because sqlglot and duckdb are heavy."""

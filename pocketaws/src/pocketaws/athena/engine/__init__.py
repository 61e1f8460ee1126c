"""Runs Athena's SQL on DuckDB. Loads with the first query because sqlglot and duckdb are heavy."""

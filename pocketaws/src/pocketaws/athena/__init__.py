"""Athena: work groups, named queries, the catalog, and queries over files in S3.

The queries are answered by DuckDB, in ``_engine``, which is imported when the first one is asked.
"""

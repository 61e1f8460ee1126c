"""Athena: work groups, named queries, the catalog, and queries over files in S3.

DuckDB answers the queries. The ``engine`` package that wraps it loads with the first query.
"""

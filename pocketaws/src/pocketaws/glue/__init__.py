"""Glue's Data Catalog: databases, tables, and partitions, as Athena reads them."""

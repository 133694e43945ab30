{{ config(materialized="table") }}
-- What each header of each raw file means. A header that means nothing to Helios has no column_name.
{{ rows_of(exports().headers, {
    "raw_table": "varchar",
    "file": "varchar",
    "position": "integer",
    "header": "varchar",
    "column_name": "varchar",
}) }}

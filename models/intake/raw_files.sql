{{ config(materialized="table") }}
-- Every file in the folder of exports: what it was taken for and how it is read, or why it is not.
{{ rows_of(exports().files, {
    "file": "varchar",
    "raw_table": "varchar",
    "adapter": "varchar",
    "format": "varchar",
    "encoding": "varchar",
    "delimiter": "varchar",
    "header_line": "integer",
    "lines": "bigint",
    "is_read": "boolean",
    "note": "varchar",
    "date_order": "varchar",
    "decimal_mark": "varchar",
    "time_zone": "varchar",
}) }}

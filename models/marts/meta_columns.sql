with

columns_of_marts as ({{ column_rows() }})

select * from columns_of_marts

{{ config(materialized="table") }}
-- What each header of each raw file means. A header that means nothing to Helios has no column_name.

with

headers as ({{ raw_header_rows() }}),

contract as ({{ raw_contract_rows() }}),

synonyms as (select * from {{ ref("column_synonyms") }}),

spellings as (

    select
        raw_table,
        column_name,
        {{ spelling("column_name") }} as spelling
    from contract

    union

    select
        raw_table,
        column_name,
        {{ spelling("spelling") }} as spelling
    from synonyms

),

matched as (

    select
        headers.raw_table,
        headers.file,
        headers.path,
        headers.format,
        headers.delimiter,
        headers.position,
        headers.header,
        spellings.column_name
    from headers
    left join spellings
        on headers.raw_table = spellings.raw_table
        and {{ spelling("headers.header") }} = spellings.spelling

)

select * from matched

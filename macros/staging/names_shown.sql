{#- CTEs from `mentions` (cell, precedence, times) to `names`: every cell that names something, cleaned, with its name in one spelling
    for all that normalize_name() takes for the same: that of the lowest precedence, then the one that is written most.

    `names` has written, name_key, name and precedence, the lowest at which any spelling of it stands.
    kind: of the contract · aliases: CTE with name_key and alias_of, a key that is used where the mentions have it -#}
{% macro names_shown(kind="text", aliases=none) %}
trimmed_mentions as (

    select
        {{ trimmed("cell") }} as cell,
        precedence,
        times
    from mentions
    where cell is not null

),

cleaned_mentions as (

    select
        {{ clean_cell("cell", kind) }} as written,
        precedence,
        times
    from trimmed_mentions

),

spellings as (

    select
        written,
        coalesce(nullif({{ normalize_name("written") }}, ''), written) as name_key,
        min(precedence) as precedence,
        sum(times) as times
    from cleaned_mentions
    where written is not null
    group by written

),
{% if aliases %}
-- A code or an old name stands for a name only where the exports have that name.
keyed as (

    select
        spellings.written,
        coalesce(min(known.name_key), spellings.name_key) as name_key,
        spellings.name_key <> coalesce(min(known.name_key), spellings.name_key) as is_alias,
        spellings.precedence,
        spellings.times
    from spellings
    left join {{ aliases }} as aliases
        on spellings.name_key = aliases.name_key
    left join spellings as known
        on aliases.alias_of = known.name_key
    group by spellings.written, spellings.name_key, spellings.precedence, spellings.times

),
{% else %}
keyed as (

    select
        written,
        name_key,
        false as is_alias,
        precedence,
        times
    from spellings

),
{% endif %}
names as (

    select
        written,
        name_key,
        first_value(written) over (
            partition by name_key
            order by precedence asc, is_alias asc, times desc, written asc
        ) as name,
        min(precedence) over (
            partition by name_key
        ) as precedence
    from keyed

)
{%- endmacro %}

-- Fails for a value that its field does not know as a spelling: a cell that is right as it stands would be read as unknown. Codes
-- of the shop are no such cells.
select
    meant.field,
    meant.value
from {{ ref("value_synonyms") }} as meant
left join {{ ref("value_synonyms") }} as spelled
    on meant.field = spelled.field
    and {{ normalize_name("meant.value") }} = {{ normalize_name("spelled.spelling") }}
    and meant.value = spelled.value
where spelled.value is null and meant.field <> 'coupon_code'

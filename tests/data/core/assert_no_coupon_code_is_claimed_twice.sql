{{ config(severity="warn") }}
-- Warns of codes on orders that are those of several influencers: they are credited to none.
select
    coupon_code,
    first_day,
    last_day,
    owners
from {{ ref("core_coupon_codes") }}
where owners > 1

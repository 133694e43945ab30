-- Warns where the folder HELIOS_TRUTH holds the truth of other exports than those that were built: no figure is held against it.
{{ config(severity="warn") }}

select tables.member_id
from {{ ref("calibration_truth_tables") }} as tables
where
    tables.level = 'portfolio'
    and not exists (select 1 from {{ ref("calibration_truth") }})

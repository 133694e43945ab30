-- Every readable row of the export of geo tests with its types and what became of it. Settings that are not given are null.
with

raw_rows as (select * from {{ ref("raw_geo_experiments") }}),

column_formats as (select * from {{ ref("stg_column_formats") }}),

number_cells as (select * from {{ ref("stg_number_cells") }}),

date_cells as (select * from {{ ref("stg_date_cells") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

brand_names as (select * from {{ ref("stg_brand_names") }}),

{{ typed_rows("geo_experiments") }},

named as (

    select
        typed.*,
        coalesce(typed.name, typed.experiment_id) as experiment_name,
        brand_names.brand as known_brand,
        -- What the data are to choose has no text from here on.
        case when trim_rates.value is null then typed.trim_rate_text end as fixed_trim_rate_text
    from typed
    left join brand_names
        on typed.brand = brand_names.written
    left join value_synonyms as trim_rates
        on trim_rates.field = 'trim_rate'
        and {{ normalize_name("typed.trim_rate_text") }} = {{ normalize_name("trim_rates.spelling") }}

),

{{ judge_rows(
    "named",
    ["experiment_id"],
    "experiment_id",
    problems=contract_problems("geo_experiments")|rejectattr("cell", "equalto", "trim_rate_text")|list + [
        is_unreadable("trim_rate", "fixed_trim_rate_text", "trim_rate", "a number or auto"),
        is_wrong("pretest_end", "pretest_end_text", "pretest_end < pretest_start", "is before pretest_start"),
        is_wrong("test_start", "test_start_text", "test_start <= pretest_end", "is not after pretest_end"),
        is_wrong("test_end", "test_end_text", "test_end < test_start", "is before test_start"),
        is_wrong("cooldown_end", "cooldown_end_text", "cooldown_end < test_end", "is before test_end"),
        is_wrong(
            "ci_level", "ci_level_text", "ci_level <= 0 or ci_level >= 1", "is not between 0 and 1, as 0.9 or 90% are",
            code="out_of_range"
        ),
        is_negative("gbr_weight_power", "gbr_weight_power_text", "gbr_weight_power"),
        is_wrong(
            "trim_rate", "trim_rate_text", "trim_rate < 0 or trim_rate >= 0.5", "is not from 0 to less than 0.5", code="out_of_range"
        ),
        is_wrong(
            "max_trim_rate", "max_trim_rate_text", "max_trim_rate < 0 or max_trim_rate >= 0.5", "is not from 0 to less than 0.5",
            code="out_of_range"
        ),
    ],
    notes=contract_problems("geo_experiments", fatal=false),
) }},

judged_rows as (

    select
        file,
        file_number,
        record_number,
        experiment_id,
        experiment_name,
        known_brand as brand,
        pretest_start,
        pretest_end,
        test_start,
        test_end,
        cooldown_end,
        ci_level,
        cast(gbr_weight_power as double) as gbr_weight_power,
        trim_rate,
        max_trim_rate,
        sc_demeaned,
        row_status,
        reject_code,
        reject_column,
        reject_value,
        reject_reason,
        note_code,
        note_column,
        note_value,
        note_reason
    from judged

)

select * from judged_rows

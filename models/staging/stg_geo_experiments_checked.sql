-- Every readable row of the export of geo tests with its types and what became of it.

with

raw_geo_experiments as (select * from {{ ref("raw_geo_experiments") }}),

value_synonyms as (select * from {{ ref("value_synonyms") }}),

{{ trimmed_rows("raw_geo_experiments", [
    "experiment_id", "name", "brand", "pretest_start", "pretest_end", "test_start", "test_end", "cooldown_end",
    "ci_level", "gbr_weight_power", "trim_rate", "max_trim_rate", "sc_demeaned",
]) }},

cleaned as (

    select
        file,
        record_number,
        copy_key,
        {{ clean_id("experiment_id") }} as experiment_id,
        {{ clean_text("name") }} as name,
        {{ clean_text("brand") }} as brand,
        {{ clean_text("pretest_start") }} as pretest_start_text,
        {{ clean_text("pretest_end") }} as pretest_end_text,
        {{ clean_text("test_start") }} as test_start_text,
        {{ clean_text("test_end") }} as test_end_text,
        {{ clean_text("cooldown_end") }} as cooldown_end_text,
        {{ clean_text("ci_level") }} as ci_level_text,
        {{ clean_text("gbr_weight_power") }} as gbr_weight_power_text,
        {{ clean_text("trim_rate") }} as trim_rate_text,
        {{ clean_text("max_trim_rate") }} as max_trim_rate_text,
        {{ clean_text("sc_demeaned") }} as sc_demeaned_text
    from trimmed

),

typed as (

    select
        cleaned.file,
        cleaned.record_number,
        cleaned.copy_key,
        cleaned.experiment_id,
        coalesce(cleaned.name, cleaned.experiment_id) as experiment_name,
        cleaned.brand,
        cleaned.pretest_start_text,
        {{ parse_date("cleaned.pretest_start_text") }} as pretest_start,
        cleaned.pretest_end_text,
        {{ parse_date("cleaned.pretest_end_text") }} as pretest_end,
        cleaned.test_start_text,
        {{ parse_date("cleaned.test_start_text") }} as test_start,
        cleaned.test_end_text,
        {{ parse_date("cleaned.test_end_text") }} as test_end,
        cleaned.cooldown_end_text,
        {{ parse_date("cleaned.cooldown_end_text") }} as cooldown_end,
        cleaned.ci_level_text,
        {{ parse_share("cleaned.ci_level_text") }} as ci_level,
        cleaned.gbr_weight_power_text,
        cast({{ parse_figure("cleaned.gbr_weight_power_text") }} as double) as gbr_weight_power,
        -- What the data are to choose has no text from here on.
        case when trim_rates.value is null then cleaned.trim_rate_text end as trim_rate_text,
        case when trim_rates.value is null then {{ parse_share("cleaned.trim_rate_text") }} end as trim_rate,
        cleaned.max_trim_rate_text,
        {{ parse_share("cleaned.max_trim_rate_text") }} as max_trim_rate,
        cleaned.sc_demeaned_text,
        {{ parse_flag("cleaned.sc_demeaned_text") }} as sc_demeaned
    from cleaned
    {{ join_value_synonyms("trim_rates", "trim_rate", "cleaned.trim_rate_text") }}

),

problems_found as (

    select
        *,
        {{ reject_columns([is_empty("experiment_id", "experiment_id")] + are_not_dates([
            "pretest_start", "pretest_end", "test_start", "test_end",
        ]) + are_not_dates(["cooldown_end"], required=false) + [
            is_wrong("pretest_end", "pretest_end_text", "pretest_end < pretest_start", "is before pretest_start"),
            is_wrong("test_start", "test_start_text", "test_start <= pretest_end", "is not after pretest_end"),
            is_wrong("test_end", "test_end_text", "test_end < test_start", "is before test_start"),
            is_wrong("cooldown_end", "cooldown_end_text", "cooldown_end < test_end", "is before test_end"),
            is_unreadable("ci_level", "ci_level_text", "ci_level", "a number"),
            is_wrong(
                "ci_level", "ci_level_text", "ci_level <= 0 or ci_level >= 1", "is not between 0 and 1, as 0.9 or 90% are"
            ),
            is_unreadable("gbr_weight_power", "gbr_weight_power_text", "gbr_weight_power", "a number"),
            is_negative("gbr_weight_power", "gbr_weight_power_text", "gbr_weight_power"),
            is_unreadable("trim_rate", "trim_rate_text", "trim_rate", "a number or auto"),
            is_wrong(
                "trim_rate", "trim_rate_text", "trim_rate < 0 or trim_rate >= 0.5", "is not from 0 to less than 0.5"
            ),
            is_unreadable("max_trim_rate", "max_trim_rate_text", "max_trim_rate", "a number"),
            is_wrong(
                "max_trim_rate", "max_trim_rate_text", "max_trim_rate < 0 or max_trim_rate >= 0.5",
                "is not from 0 to less than 0.5",
            ),
            is_unreadable("sc_demeaned", "sc_demeaned_text", "sc_demeaned", "yes or no"),
        ]) }}
    from typed

),

{{ judge_rows(["experiment_id"], "experiment_id") }},

checked as (

    select
        file,
        record_number,
        experiment_id,
        experiment_name,
        brand,
        pretest_start,
        pretest_end,
        test_start,
        test_end,
        cooldown_end,
        ci_level,
        gbr_weight_power,
        trim_rate,
        max_trim_rate,
        sc_demeaned,
        outcome,
        outcome_column,
        outcome_value,
        outcome_reason
    from judged

)

select * from checked

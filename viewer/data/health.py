"""What was read, what was rejected, and what the data cannot say."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from viewer.data.catalogue import NONE_MEMBER
from viewer.data.conditions import from_mart, influencer_days
from viewer.published import read, read_one
from viewer.selection import Selection


def raw_tables() -> pd.DataFrame:
    """What was read of each raw table: rpt_data_health; read tables first.

    Files that are not read are in `file_notes`.
    """
    return read(
        """
        select *
        from rpt_data_health
        where raw_table <> $none
        order by files = 0, rows_read desc, raw_table
        """,
        {"none": NONE_MEMBER},
    )


def file_notes() -> pd.DataFrame:
    """What was assumed or mended in files, and why others are not read, by rpt_file_notes.

    Returns:
        raw_table, NONE_MEMBER where the file is not read, file and note; by file.
    """
    return read("select raw_table, file, note from rpt_file_notes order by file, note_number")


_OF_STATUS = """
    fct_rejected_rows.row_status in (select unnest($row_statuses))
    and ($raw_table = '' or raw_table = $raw_table)
"""


def reject_groups(row_statuses: Sequence[str], raw_table: str | None = None) -> pd.DataFrame:
    """Rows of fct_rejected_rows by what is wrong with them; most rows first.

    Args:
        row_statuses: What became of the rows, such as rejected.
        raw_table: Raw table; None for all.

    Returns:
        raw_table, column_name (null for whole rows), reject_code, its sentence and remedy, rows,
        amount (null where none can be read), and of the first such row file, record_number, value
        and reason.
    """
    return read(
        f"""
        select
            raw_table,
            column_name,
            reject_code,
            coalesce(any_value(sentence), min(reason)) as sentence,
            coalesce(any_value(remedy), '') as remedy,
            count(*) as rows,
            sum(amount) as amount,
            arg_min(file, (file, record_number)) as file,
            arg_min(record_number, (file, record_number)) as record_number,
            (arg_min({{'value': value}}, (file, record_number))).value as value,
            arg_min(reason, (file, record_number)) as reason
        from fct_rejected_rows
        left join dim_reasons on reject_code = reason_code
        where {_OF_STATUS}
        group by raw_table, column_name, reject_code
        order by rows desc, raw_table, column_name, reject_code
        """,
        {"raw_table": raw_table or "", "row_statuses": list(row_statuses)},
    )


def reject_rows(
    row_statuses: Sequence[str], raw_table: str | None, most: int | None = None
) -> pd.DataFrame:
    """The first rows of fct_rejected_rows, or all of them.

    Args:
        row_statuses: What became of the rows.
        raw_table: Raw table; None for all.
        most: How many at most; None for all.

    Returns:
        The columns of the mart that say which row it is, and what is wrong with it.
    """
    return read(
        f"""
        select raw_table, file, record_number, column_name, value, reason
        from fct_rejected_rows
        where {_OF_STATUS}
        order by raw_table, file, record_number
        limit $most
        """,
        {"raw_table": raw_table or "", "row_statuses": list(row_statuses), "most": most},
    )


def has_reject_rows(row_statuses: Sequence[str], raw_table: str | None = None) -> bool:
    """Whether there are rows of fct_rejected_rows of which this became.

    Args:
        row_statuses: What became of them.
        raw_table: Raw table; None for all.
    """
    found = read_one(
        f"select count(*) as rows from fct_rejected_rows where {_OF_STATUS}",
        {"raw_table": raw_table or "", "row_statuses": list(row_statuses)},
    )
    return bool(found["rows"])


def not_found() -> pd.DataFrame:
    """Values of the exports that are found nowhere: rpt_not_found, most money first."""
    return read(
        """
        select *
        from rpt_not_found
        order by amount desc nulls last, rows desc, field, raw_table, value
        """
    )


def spend_of_unknown() -> float:
    """Spend of all dates whose brand or campaign is not known."""
    found = read_one(
        """
        select coalesce(sum(spend), 0) as spend
        from fct_influencer_days
        where brand = $none or campaign_id = $none
        """,
        {"none": NONE_MEMBER},
    )
    return float(found["spend"])


def immature_days(selection: Selection) -> dict[str, Any]:
    """Days of a selection whose orders can still come back.

    Returns:
        days, first_day, last_day and attributed_revenue of these days.
    """
    chosen, parameters = influencer_days(selection)
    return read_one(
        f"""
        select
            count(distinct date_day) as days,
            min(date_day) as first_day,
            max(date_day) as last_day,
            coalesce(sum(attributed_revenue), 0) as attributed_revenue
        from ({chosen})
        where is_immature
        """,
        parameters,
    )


def campaign_measurement(selection: Selection) -> pd.DataFrame:
    """How the incrementality of the campaigns of a selection is known.

    Returns:
        known_by: the basis of the factor (own experiment, pooled, observational, outside
        campaigns, none), "no factor" for campaigns that have none; by it, campaigns ("(none)" is
        not one), campaigns_without_experiment, campaigns_by_media_value, attributed_revenue,
        spend, spend_without_experiment and spend_by_media_value.
    """
    chosen, parameters = influencer_days(selection)
    return read(
        f"""
        with campaigns as (
            select
                campaign_id,
                sum(attributed_revenue) as attributed_revenue,
                sum(spend) as spend,
                campaign_id <> $none as is_campaign
            from ({chosen})
            group by campaign_id
        ),

        known as (
            select
                campaigns.*,
                has_experiment,
                factor_basis as known_by,
                is_campaign and coalesce(
                    factor_of = 'media value' and factor is not null, false
                ) as is_by_media_value
            from campaigns
            inner join dim_campaigns using (campaign_id)
            left join fct_incrementality_factors using (campaign_id)
        )

        select
            known_by,
            count(*) filter (is_campaign) as campaigns,
            count(*) filter (is_campaign and not has_experiment) as campaigns_without_experiment,
            count(*) filter (is_by_media_value) as campaigns_by_media_value,
            sum(attributed_revenue) as attributed_revenue,
            sum(spend) as spend,
            coalesce(sum(spend) filter (is_campaign and not has_experiment), 0)
                as spend_without_experiment,
            coalesce(sum(spend) filter (is_by_media_value), 0) as spend_by_media_value
        from known
        group by known_by
        order by list_position(
            [
                'own experiment', 'pooled', 'observational', 'outside campaigns', 'none',
                'no factor'
            ], known_by
        )
        """,
        parameters | {"none": NONE_MEMBER},
    )


def unmeasured_experiments(selection: Selection) -> tuple[pd.DataFrame, int]:
    """Experiments of the selected brands and campaigns that no method could measure.

    Returns:
        experiment_id, experiment_name, reason_code and the columns that its sentence names; and how
        many experiments there are in all.
    """
    by_experiment = selection.without(*selection.narrowed_by("influencer"))
    where, parameters = from_mart("fct_incremental_roas", by_experiment)
    rows = read(
        f"""
        with defaults as (
            select
                experiment_id, verdict, reason_code, break_even, break_even_basis, last_day,
                overlapping_campaigns, spoiling_campaigns
            from (select * {where})
            where is_default
        )

        select
            defaults.* exclude (verdict),
            experiments.experiment_name,
            verdict = 'not measurable' as is_unmeasured
        from defaults
        left join dim_experiments as experiments using (experiment_id)
        order by experiment_id
        """,
        parameters,
    )
    unmeasured = rows[rows["is_unmeasured"].astype(bool)].drop(columns="is_unmeasured")
    return unmeasured, len(rows)

"""Whatever the settings, a world is written, hangs together, and agrees with its truth."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from simulate import load_settings, write_world
from tests.python.simulate.worlds import SAME_EXAMPLES, Files, read

share = st.sampled_from([0.0, 0.3, 1.0])
strength = st.sampled_from([0.0, 1.0, 10.0])
WORLDS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**63 - 1),
        "days": st.sampled_from([7, 8, 31, 90]),
        "orders": st.sampled_from([1, 40, 3_000]),
        "influencers": st.sampled_from([1, 2, 30]),
        "start": st.dates(date(2018, 1, 1), date(2030, 6, 30)),
        "campaigns.per_year": st.sampled_from([0.0, 5.0, 60.0]),
        "campaigns.smallest_team": st.just(1),
        "campaigns.posts_each": st.sampled_from([1.0, 3.0]),
        "campaigns.always_on_share": st.sampled_from([0.0, 0.5, 0.9]),
    },
    optional={
        "campaigns.regional_share": share,
        "campaigns.cooldown_days": st.sampled_from([0, 14, 366]),
        "campaigns.treated_regions": st.sampled_from([["Goa"], ["Delhi", "Bihar"]]),
        "customers.coupon_share": share,
        "customers.new_share": share,
        "customers.loyal_share": share,
        "demand.weekday": st.sampled_from([[0, 1, 1, 1, 1, 1, 10], [1, 0, 0, 0, 0, 0, 0]]),
        "demand.event_lift": strength,
        "demand.overdispersion": st.sampled_from([0.0, 3.0]),
        "demand.region_drift": st.sampled_from([0.0, 3.0]),
        "demand.brand_drift": st.sampled_from([0.0, 3.0]),
        "effect.ceiling": st.sampled_from([0.0, 5.0]),
        "effect.saturation": st.sampled_from([1e-9, 1_000.0]),
        "effect.creative": share,
        "effect.halo_share": share,
        "effect.leak_share": share,
        "effect.spill_over": share,
        "effect.pull_forward": share,
        "effect.pull_forward_days": st.sampled_from([[1, 1], [1, 366], [366, 366]]),
        "effect.fit": strength,
        "money.fee_share": share,
        "money.overpaid_share": share,
        "money.reversed_share": share,
    },
)


def assert_dates_lie_inside(files: Files) -> None:
    first, last = files.settings.start, files.settings.last_day
    for table, column in (("tracking_data", "date"), ("posts", "date"), ("payouts", "event_date"),
                          ("campaigns", "start_date"), ("campaigns", "end_date"),
                          ("tracking_data", "returned_date")):  # fmt: skip
        outside = f"{column} not between date '{first}' and date '{last}'"
        assert files.value(f"select count(*) from raw.{table} where {outside}") == 0, table


def assert_keys_fit(files: Files) -> None:
    """Every order, post and payout belongs to an influencer and campaign that exist."""
    for table, column, home in (
        ("posts", "influencer_id", "influencers"), ("payouts", "influencer_id", "influencers"),
        ("tracking_data", "influencer_id", "influencers"), ("tracking_data", "brand", "products"),
        ("tracking_data", "product", "products"), ("tracking_data", "region", "regions"),
    ):  # fmt: skip
        missing = f"{column} is not null and {column} not in (select {column} from raw.{home})"
        assert files.value(f"select count(*) from raw.{table} where {missing}") == 0, column
    for table in ("posts", "payouts", "tracking_data"):
        missing = "campaign is not null and campaign not in (select campaign_id from raw.campaigns)"
        assert files.value(f"select count(*) from raw.{table} where {missing}") == 0, table


def assert_books_agree(files: Files) -> None:
    net, attributed = files.row(
        "select coalesce(sum(net), 0), coalesce(sum(net) filter (who is not null), 0)"
        " from raw.books"
    )
    revenue, baseline, caused = files.row(
        "select sum(revenue), sum(baseline_revenue), sum(incremental_revenue)"
        " from truth.region_days"
    )
    assert net == revenue == baseline + caused
    totals = files.rows(
        "select incremental_revenue, attributed_revenue, spend from truth.portfolio"
    )
    [(all_caused, all_attributed, spend)] = totals or [(0, 0, 0)]
    # A world without posts has a portfolio of nothing.
    assert (all_caused or 0, all_attributed or 0) == (caused, attributed)
    paid = files.value(
        "select coalesce(sum(total_payout + product_cost), 0) from raw.payouts"
        " where status <> 'reversed'"
    )
    assert (spend or 0) == paid


def assert_lines_are_told(files: Files) -> None:
    lines, told, placed = files.row(
        """
        select
            (select count(*) from raw.tracking_data),
            (select count(*) from raw.tracking_data
                inner join truth.orders using (transaction_id)),
            (select count(*) from truth.orders),
        """
    )
    assert lines == told == placed
    days = files.value("select count(*) from truth.region_days")
    assert days == files.settings.days * 36 * 4
    expected = files.value("select sum(expected_baseline_orders) from truth.region_days")
    assert abs(expected - files.settings.orders) < 1e-6 * files.settings.orders


@given(WORLDS)
@hypothesis_settings(SAME_EXAMPLES, max_examples=12)
def test_any_world_hangs_together(changes: dict[str, Any]) -> None:
    seed = changes.pop("seed")
    settings = load_settings("tiny", seed, changes)
    with tempfile.TemporaryDirectory() as folder:
        raw, truth = Path(folder) / "raw", Path(folder) / "truth"
        write_world(settings, raw, truth)
        files = read(settings, raw, truth)
    assert_dates_lie_inside(files)
    assert_keys_fit(files)
    assert_books_agree(files)
    assert_lines_are_told(files)

"""Campaigns: windows, regions, pairs, who is in whose way, teams and posts."""

import itertools
import math
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from simulate import load_settings, write_world
from simulate.campaigns import Campaign, Campaigns, choose_team, simulate_campaigns
from simulate.people import simulate_influencers
from tests.python.simulate.worlds import (
    SAME_EXAMPLES,
    Files,
    assert_near,
    assert_share,
    catalogue,
    event_rows,
    read,
    region_shares,
)

pytestmark = pytest.mark.slow

SEEDS = (42, 1)
NAMES = list(region_shares())
SHARES = np.array(list(region_shares().values()))
LANGUAGES = [row["language"] for row in catalogue("regions")]
SUITS = {
    "MuscleBlaze": {"Fitness", "Nutrition"},
    "HKVitals": {"Wellness", "Beauty", "Lifestyle"},
    "Gritzo": {"Parenting", "Nutrition"},
    "TrueBasics": {"Wellness", "Fitness"},
}


@cache
def campaigns_of(world: str, seed: int, **changes: Any) -> Campaigns:
    dotted = {name.replace("__", "."): value for name, value in changes.items()}
    return simulate_campaigns(load_settings(world, seed, dotted))


def regional(campaigns: Campaigns) -> list[Campaign]:
    return [campaign for campaign in campaigns.plan if campaign.is_regional]


def days_of(campaign: Campaign, before: int = 0) -> set[int]:
    """Days from `before` the start to the end of the cooldown."""
    last = campaign.start + campaign.days - 1 + campaign.cooldown_days
    return set(range(campaign.start - before, last + 1))


def disturbs(active: Campaign, measured: Campaign, pretest_days: int) -> bool:
    """Whether one treats a region of the other's experiment while that looks at it."""
    regions = set(measured.treated) | set(measured.control)
    meet = days_of(active) & days_of(measured, pretest_days)
    return bool(meet) and bool(set(active.treated) & regions)


def meetings(campaigns: Campaigns, pretest_days: int = 42) -> list[tuple[int, int]]:
    """Pairs of regional campaigns of one brand that are in each other's way."""
    rows = regional(campaigns)
    return [
        (one, other)
        for one, other in itertools.combinations(range(len(rows)), 2)
        if rows[one].brand == rows[other].brand
        and (
            disturbs(rows[one], rows[other], pretest_days)
            or disturbs(rows[other], rows[one], pretest_days)
        )
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_default_world_has_forty_campaigns_and_most_of_them_controls(seed: int) -> None:
    campaigns = campaigns_of("default", seed)
    assert len(campaigns.plan) == round(30 * 548 / 365)
    assert len(campaigns.plan) >= 40
    with_controls = sum(len(campaign.control) > 0 for campaign in campaigns.plan)
    assert with_controls > len(campaigns.plan) / 2
    assert len({campaign.brand for campaign in regional(campaigns)}) == 4


def test_the_exports_of_the_default_world_say_the_same(default: Files) -> None:
    total, with_controls = default.row(
        """
        select count(distinct campaign_id), count(distinct case when role = 'control' then 1 end)
        from raw.campaigns
        left join raw.campaign_regions using (campaign_id)
        """
    )
    assert total >= 40 and with_controls == 1
    rows = default.rows(
        "select campaign_id, list(distinct role) from raw.campaign_regions group by 1"
    )
    assert len(rows) > total / 2
    assert all(sorted(roles) == ["control", "treatment"] for _, roles in rows)
    assert default.value("select count(*) - count(distinct name) from raw.campaigns") == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_windows_lie_inside_the_period_after_their_pretest(seed: int) -> None:
    campaigns = campaigns_of("default", seed)
    for campaign in campaigns.plan:
        assert 21 <= campaign.days <= 35 and campaign.cooldown_days == 14
        assert campaign.start >= (42 if campaign.is_regional else 0)
        assert max(days_of(campaign)) <= 547
    starts = [campaign.start for campaign in campaigns.plan]
    assert starts == sorted(starts)
    assert max(starts) - min(starts) > 300


def test_the_dates_of_the_export_are_those_of_the_plan(default: Files) -> None:
    first = date(2025, 4, 1)
    plan = campaigns_of("default", 42).plan
    brands = ["MuscleBlaze", "HKVitals", "Gritzo", "TrueBasics"]
    expected = [
        (
            brands[campaign.brand],
            first + timedelta(days=campaign.start),
            first + timedelta(days=campaign.start + campaign.days - 1),
            campaign.cooldown_days,
        )
        for campaign in plan
    ]
    found = default.rows("select brand, start_date, end_date, cooldown_days from raw.campaigns")
    assert found == expected
    regions = default.rows("select campaign_id, region, role from raw.campaign_regions")
    meant = {
        (f"CMP{number:03d}", NAMES[region], role)
        for number, campaign in enumerate(plan, start=1)
        for role, rows in (("treatment", campaign.treated), ("control", campaign.control))
        for region in rows
    }
    assert set(regions) == meant and len(regions) == len(meant)


@pytest.mark.parametrize("seed", SEEDS)
def test_treated_and_control_regions_are_disjoint_and_not_tiny(seed: int) -> None:
    for campaign in campaigns_of("default", seed).plan:
        both = [*campaign.treated, *campaign.control]
        assert len(both) == len(set(both))
        assert (SHARES[both] >= 0.004).all()
        assert bool(len(campaign.treated)) == bool(len(campaign.control))


@pytest.mark.parametrize("seed", SEEDS)
def test_campaigns_by_language_treat_whole_languages(seed: int) -> None:
    by_language = [row for row in regional(campaigns_of("default", seed)) if not row.is_paired]
    assert len(by_language) > 5
    for campaign in by_language:
        spoken = {LANGUAGES[region] for region in campaign.treated}
        assert spoken == set(campaign.languages)
        assert SHARES[campaign.treated].sum() >= 0.14
        for language in spoken:
            of_it = [
                region
                for region in range(36)
                if LANGUAGES[region] == language and SHARES[region] >= 0.004
            ]
            treated = len(set(of_it) & set(campaign.treated))
            assert treated == (math.ceil(len(of_it) / 2) if language == "Hindi" else len(of_it))


@pytest.mark.parametrize("seed", SEEDS)
def test_pairs_are_neighbours_in_size_of_which_one_is_treated(seed: int) -> None:
    paired = [row for row in regional(campaigns_of("default", seed)) if row.is_paired]
    assert paired
    for campaign in paired:
        assert len(campaign.treated) == len(campaign.control)
        assert 5 <= len(campaign.treated) <= 8
        sizes = sorted(SHARES[[*campaign.treated, *campaign.control]], reverse=True)
        pairs = SHARES[np.stack([campaign.treated, campaign.control])]
        paired_up = sorted(tuple(sorted(pair, reverse=True)) for pair in pairs.T)
        assert paired_up == sorted(zip(sizes[::2], sizes[1::2], strict=True))


def test_chance_decides_which_of_a_pair_is_treated() -> None:
    larger = []
    for seed in range(20):
        changes = {"campaigns__regional_share": 1.0, "campaigns__paired_share": 1.0}
        for campaign in regional(campaigns_of("tiny", seed, **changes)):
            ratio = SHARES[campaign.treated] / SHARES[campaign.control]
            larger += [value > 1 for value in ratio if value != 1]
    assert_share(sum(larger), len(larger), 0.5)


def test_pairs_in_the_export_have_one_region_of_each_role(default: Files) -> None:
    rows = default.rows(
        """
        select campaign_id, pair, list(role order by role) as roles
        from raw.campaign_regions where pair is not null
        group by all order by all
        """
    )
    assert len(rows) > 20
    assert all(roles == ["control", "treatment"] for _, _, roles in rows)
    halves = default.value(
        """
        select count(*) from (
            select campaign_id from raw.campaign_regions
            group by 1 having count(pair) not in (0, count(*))
        )
        """
    )
    assert halves == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_paired_and_regional_shares_are_about_what_was_set(seed: int) -> None:
    rows = regional(campaigns_of("default", seed))
    assert 0 < sum(row.is_paired for row in rows) < len(rows)
    changes = {"campaigns__paired_share": 1.0}
    assert all(row.is_paired for row in regional(campaigns_of("tiny", seed, **changes)))
    changes = {"campaigns__paired_share": 0.0}
    assert not any(row.is_paired for row in regional(campaigns_of("tiny", seed, **changes)))
    assert not regional(campaigns_of("tiny", seed, campaigns__regional_share=0.0))


def test_without_overlap_no_two_regional_campaigns_are_in_each_others_way() -> None:
    campaigns = campaigns_of("default", 1, campaigns__overlap_share=0.0)
    assert len(regional(campaigns)) > 20
    assert meetings(campaigns) == []


@pytest.mark.parametrize(("world", "seed"), [("default", 42), ("default", 1), ("overlap", 42)])
def test_about_the_set_share_of_regional_campaigns_overlap(world: str, seed: int) -> None:
    campaigns = campaigns_of(world, seed)
    share = {"default": 0.10, "overlap": 0.60}[world]
    met = Counter(itertools.chain(*meetings(campaigns)))
    assert set(met.values()) == {1}  # a campaign overlaps one other, not many
    assert len(met) / len(regional(campaigns)) == pytest.approx(share, abs=0.08)


def test_a_pretest_keeps_other_campaigns_away() -> None:
    """What is kept free follows the setting, not a constant of 42 days."""
    changes = {"campaigns__pretest_days": 5, "campaigns__overlap_share": 0.0}
    campaigns = campaigns_of("default", 1, **changes)
    assert meetings(campaigns, 5) == []
    assert meetings(campaigns, 42) != []


def starts_before_sales(campaigns: Campaigns) -> int:
    """How many campaigns start on a sale's first day or up to seven days before it."""
    first = date(2025, 4, 1)
    sales = {start for _, start, _, lift in event_rows() if lift > 0}
    return sum(
        any(first + timedelta(days=campaign.start + lead) in sales for lead in range(8))
        for campaign in campaigns.plan
    )


def test_campaigns_of_the_festival_world_start_just_before_sales() -> None:
    festival, default = (campaigns_of(world, 42) for world in ("festival", "default"))
    assert starts_before_sales(festival) == len(festival.plan)
    assert starts_before_sales(default) < 0.6 * len(default.plan)


@pytest.mark.parametrize("paired", [0.0, 1.0])
def test_regional_campaigns_keep_to_the_regions_that_were_chosen(paired: float) -> None:
    treated = ("Kerala", "Goa", "Delhi", "Assam")
    control = ("Goa", "Punjab", "Odisha", "Bihar", "Kerala", "Ladakh")
    changes = {
        "campaigns__treated_regions": treated, "campaigns__control_regions": control,
        "campaigns__paired_share": paired, "campaigns__overlap_share": 1.0,
    }  # fmt: skip
    found: set[str] = set()
    controls: set[str] = set()
    for seed in range(10):
        for campaign in regional(campaigns_of("tiny", seed, **changes)):
            found |= {NAMES[region] for region in campaign.treated}
            controls |= {NAMES[region] for region in campaign.control}
    if paired:
        assert found == controls == {"Kerala", "Goa"}
    else:
        assert found == set(treated)
        assert {"Punjab", "Odisha", "Bihar", "Ladakh"} <= controls <= set(control)


def test_posts_lie_in_the_window_and_have_the_brand_of_their_campaign(default: Files) -> None:
    inside, outside, all_posts = default.row(
        """
        select
            count(*) filter (
                date between start_date and end_date and posts.brand = campaigns.brand
            ),
            count(*) filter (campaign is null),
            count(*),
        from raw.posts as posts
        left join raw.campaigns as campaigns on posts.campaign = campaigns.campaign_id
        """
    )
    assert inside + outside == all_posts
    assert outside == round((all_posts - outside) * 0.15 / 0.85)
    spread = default.value(
        """
        select avg((date - start_date) / (end_date - start_date + 1))
        from raw.posts inner join raw.campaigns on campaign = campaign_id
        """
    )
    assert_near(spread, 0.5, math.sqrt(1 / 12 / inside) + 1 / 56)  # evenly, up to half a day


def test_teams_have_their_size_and_posts_their_mean(default: Files) -> None:
    teams = default.rows(
        """
        select campaign, count(distinct influencer_id), count(*)
        from raw.posts where campaign is not null group by 1
        """
    )
    assert len(teams) == default.value("select count(*) from raw.campaigns")
    assert {size for _, size, _ in teams} == set(range(7, 13))
    members = sum(size for _, size, _ in teams)
    posts = sum(count for _, _, count in teams)
    assert_near(posts / members, 2.2, math.sqrt(1.2 / members))  # one and a Poisson number more


def test_always_on_posts_are_spread_over_brands_and_days(default: Files) -> None:
    rows = default.rows("select brand, date from raw.posts where campaign is null")
    assert_share(sum(brand == "MuscleBlaze" for brand, _ in rows), len(rows), 0.45)
    days = [(day - date(2025, 4, 1)).days for _, day in rows]
    assert_near(sum(days) / len(days), 547 / 2, 548 / math.sqrt(12 * len(days)))


# How much likelier an influencer is asked to a regional campaign, all else equal.
LEANINGS = {"fits": 1.5, "speaks": 2.0, "lives there": 0.7, "is a star": -4.0}


def asked(treated: list[str], languages: tuple[str, ...]) -> tuple[dict[str, Any], Any, Any]:
    """Traits of many influencers, how often each is asked, and how size weighs on it."""
    settings = load_settings("default", 1, {"influencers": 3_000})
    people = simulate_influencers(settings)
    regions = np.array([NAMES.index(region) for region in treated], dtype=np.int64)
    nowhere = np.array([0], dtype=np.int64)
    campaign = Campaign(0, 0, 21, 14, regions, nowhere, False, languages)
    rng = np.random.default_rng(1)
    teams = [choose_team(campaign, people, settings, rng) for _ in range(2_000)]
    traits = {
        "fits": np.isin(people.category, list(SUITS["MuscleBlaze"])),
        "speaks": np.isin(people.language, languages),
        "lives there": np.isin(people.home, regions),
        "is a star": people.followers >= 500_000,
    }
    thrift = 0.5 * math.log(0.2 / (0.45 * SHARES[regions].sum()))
    by_size = (people.followers / 40_000) ** -thrift
    return traits, np.bincount(np.concatenate(teams), minlength=3_000), by_size


@pytest.mark.parametrize("trait", LEANINGS)
def test_teams_lean_to_fit_language_and_home_and_away_from_stars(trait: str) -> None:
    traits, times, weight = asked(["Tamil Nadu", "Puducherry"], ("Tamil",))
    for other, leaning in LEANINGS.items():
        if other != trait:
            weight = weight * np.where(traits[other], math.exp(leaning), 1.0)
    has = traits[trait]
    found = times[has].sum()
    without_leaning = times[~has].sum() / weight[~has].sum() * weight[has].sum()
    meant = without_leaning * math.exp(LEANINGS[trait])
    # Drawing without putting back takes up to a tenth off the likeliest.
    margin = 4 * math.sqrt(meant) + 0.1 * meant
    assert abs(found - meant) < margin < abs(without_leaning - meant)


def test_small_markets_ask_small_accounts() -> None:
    settings = load_settings("default", 1, {"influencers": 3_000})
    people = simulate_influencers(settings)
    rng = np.random.default_rng(2)
    medians = []
    for treated in ([], [NAMES.index("Maharashtra")], [NAMES.index("Goa")]):
        regions = np.array(treated, dtype=np.int64)
        campaign = Campaign(0, 0, 21, 14, regions, regions, False, ("English",))
        teams = [choose_team(campaign, people, settings, rng) for _ in range(200)]
        medians.append(float(np.median(people.followers[np.concatenate(teams)])))
    assert medians[0] > 1.5 * medians[1] > 1.5 * 1.5 * medians[2]


@given(
    st.sampled_from([7, 8, 30, 60, 100]),
    st.sampled_from([0.0, 10.0, 60.0]),
    st.integers(0, 1_000),
    st.sampled_from([0.0, 0.5, 1.0]),
)
@hypothesis_settings(SAME_EXAMPLES, max_examples=8)
def test_campaigns_fit_into_any_period(
    days: int, per_year: float, seed: int, overlap_share: float
) -> None:
    changes = {"days": days, "campaigns__per_year": per_year, "start": "2026-01-01"}
    campaigns = campaigns_of("tiny", seed, **changes, campaigns__overlap_share=overlap_share)
    assert len(campaigns.plan) == round(per_year * days / 365)
    for campaign in campaigns.plan:
        assert campaign.days >= 1 and campaign.start >= 0 and campaign.cooldown_days >= 0
        assert campaign.start + campaign.days + campaign.cooldown_days <= days
        assert not set(campaign.treated) & set(campaign.control)
    assert len(set(campaigns.name)) == len(set(campaigns.campaign_id)) == len(campaigns.plan)
    if overlap_share == 0:
        assert meetings(campaigns) == []


@pytest.mark.parametrize("days", [7, 30, 60])
def test_short_worlds_with_many_campaigns_are_written(days: int, tmp_path: Path) -> None:
    changes = {"days": days, "campaigns.per_year": 100.0, "orders": 2_000}
    settings = load_settings("tiny", 5, changes)
    write_world(settings, tmp_path / "raw", tmp_path / "truth")
    files = read(settings, tmp_path / "raw", tmp_path / "truth")
    assert files.value("select count(*) from raw.campaigns") == round(100 * days / 365)
    last = files.value("select max(end_date + cooldown_days::integer) from raw.campaigns")
    assert last <= settings.last_day
    assert files.value("select count(*) from raw.posts where campaign is not null") > 0
    assert files.value("select count(*) from raw.tracking_data") > 1_000

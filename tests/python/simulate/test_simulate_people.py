"""Influencers: who they are, where they live, who follows them, and how their posts are seen."""

import csv
import math
import re
import unicodedata

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from simulate import load_settings
from simulate.campaigns import simulate_campaigns
from simulate.people import Influencers, simulate_influencers
from simulate.posts import simulate_posts
from tests.python.simulate.worlds import (
    Files,
    assert_near,
    assert_share,
    catalogue,
    region_shares,
)
from tests.python.support import PROJECT

MANY = 5_000
SCRIPTS = {
    "Hindi": "DEVANAGARI", "Marathi": "DEVANAGARI", "Tamil": "TAMIL", "Gujarati": "GUJARATI",
    "Odia": "ORIYA",
}  # fmt: skip
PLATFORMS = {"Instagram": 0.62, "YouTube": 0.25, "Facebook": 0.05, "Twitter": 0.08}
# Share of the influencers, and of women among them.
CATEGORIES = {
    "Fitness": (0.32, 0.35), "Nutrition": (0.22, 0.50), "Wellness": (0.18, 0.60),
    "Lifestyle": (0.13, 0.60), "Parenting": (0.09, 0.85), "Beauty": (0.06, 0.90),
}  # fmt: skip


def tiers() -> list[tuple[str, int, float]]:
    """Name, fewest and most followers, as the models read them."""
    with (PROJECT / "seeds" / "reference" / "tiers.csv").open(encoding="utf-8") as file:
        return [
            (row["tier"], int(row["min_followers"]), float(row["max_followers"] or "inf"))
            for row in csv.DictReader(file)
        ]


def tier_of(followers: int) -> str:
    [name] = [name for name, fewest, most in tiers() if fewest <= followers <= most]
    return name


def languages() -> dict[str, str]:
    return {row["region"]: row["language"] for row in catalogue("regions")}


@pytest.fixture(scope="module")
def many() -> Influencers:
    return simulate_influencers(load_settings("default", 7, {"influencers": MANY}))


@pytest.fixture(scope="module")
def table(many: Influencers) -> pd.DataFrame:
    return pd.DataFrame(many.table().to_pydict())


def test_every_tier_is_filled_in_the_default_world(default: Files) -> None:
    followers = [row[0] for row in default.rows("select follower_count from raw.influencers")]
    found = {tier_of(count) for count in followers}
    assert len(followers) == 240
    assert found == {name for name, _, _ in tiers()} and len(found) == 5


@pytest.mark.parametrize("seed", range(10))
def test_every_tier_is_filled_whatever_the_seed(seed: int) -> None:
    people = simulate_influencers(load_settings("default", seed))
    assert {tier_of(int(count)) for count in people.followers} == {name for name, _, _ in tiers()}


def test_a_persona_is_tier_and_category(default: Files) -> None:
    rows = default.rows(
        """
        select truth.influencers.persona, follower_count, category
        from truth.influencers
        inner join raw.influencers using (influencer_id)
        """
    )
    assert len(rows) > 150
    assert {row[0] for row in rows} == {row[0] for row in default.rows("from truth.personas")}
    for persona, followers, category in rows:
        assert persona == f"{tier_of(followers)}-{category}"


def test_the_bounds_of_a_tier_belong_to_it(many: Influencers) -> None:
    for persona, followers in zip(many.persona, many.followers, strict=True):
        assert persona.partition("-")[0] == tier_of(int(followers))


@pytest.mark.parametrize(
    ("column", "pattern"),
    [
        ("influencer_id", r"INF\d{4}"),
        ("coupon_codes", r"[A-Z]+\d{2,}"),
        ("handle", r"@[a-z_]+\d*"),
    ],
)  # fmt: skip
def test_keys_are_in_plain_letters(column: str, pattern: str, table: pd.DataFrame) -> None:
    assert table[column].str.fullmatch(pattern).all()


@pytest.mark.parametrize("column", ["influencer_id", "handle", "coupon_codes"])
def test_keys_are_unique(column: str, table: pd.DataFrame) -> None:
    assert table[column].is_unique


def test_codes_are_none_of_the_shops(table: pd.DataFrame) -> None:
    assert not (table["coupon_codes"] == "HEALTH10").any()


def test_platforms_categories_and_gender_have_their_shares(table: pd.DataFrame) -> None:
    for platform, share in PLATFORMS.items():
        assert_share(int((table["platform"] == platform).sum()), MANY, share)
    for category, (share, women) in CATEGORIES.items():
        of_it = table[table["category"] == category]
        assert_share(len(of_it), MANY, share)
        assert_share(int((of_it["gender"] == "female").sum()), len(of_it), women)
    assert set(table["platform"]) == set(PLATFORMS)
    assert set(table["category"]) == set(CATEGORIES)
    assert set(table["gender"]) == {"female", "male"}


def test_followers_are_log_normal_within_bounds(table: pd.DataFrame) -> None:
    followers = table["follower_count"]
    assert followers.between(1_000, 15_000_000).all()
    above = int((followers > 40_000).sum())
    assert_share(above, MANY, 0.5)  # the median
    z = 1.8 * 0.6744897501960817  # the upper quartile of the logarithm
    assert_share(int((followers > 40_000 * math.exp(z)).sum()), MANY, 0.25)


def test_homes_follow_the_shares_of_the_regions(table: pd.DataFrame) -> None:
    for region, share in region_shares().items():
        if share > 0.01:
            assert_share(int((table["home_region"] == region).sum()), MANY, share)


def test_half_speak_the_language_of_their_home(table: pd.DataFrame) -> None:
    official = languages()
    regional = table[~table["home_region"].map(official).isin(["Hindi", "English"])]
    speaks = regional["language"] == regional["home_region"].map(official)
    assert_share(int(speaks.sum()), len(regional), 0.5)
    others = regional.loc[~speaks, "language"]
    assert set(others) == {"Hindi", "English"}
    assert_share(int((others == "Hindi").sum()), len(others), 0.6)


def test_all_joined_before_the_first_day(table: pd.DataFrame) -> None:
    before = (pd.Timestamp("2025-04-01") - pd.to_datetime(table["joined_date"])).dt.days
    assert before.between(30, 3 * 365).all()
    assert before.max() > 1_000 and before.min() < 60


def scripts_of(name: str) -> set[str]:
    return {unicodedata.name(letter).split()[0] for letter in name if letter.isalpha()}


def test_some_write_their_name_in_the_script_of_their_language(table: pd.DataFrame) -> None:
    for language, script in SCRIPTS.items():
        names = table.loc[table["language"] == language, "name"].map(scripts_of)
        native = int((names == {script}).sum())
        assert native + int((names == {"LATIN"}).sum()) == len(names)
        assert native > 0
    have = table[table["language"].isin(list(SCRIPTS))]
    native = int((have["name"].map(scripts_of) != {"LATIN"}).sum())
    assert_share(native, len(have), 0.05)
    others = table.loc[~table["language"].isin(list(SCRIPTS)), "name"]
    assert (others.map(scripts_of) == {"LATIN"}).all()


def test_the_default_world_has_names_in_other_scripts(default: Files) -> None:
    names = [row[0] for row in default.rows("select name from raw.influencers")]
    assert 0 < sum(scripts_of(name) != {"LATIN"} for name in names) < 40
    assert all(re.search(r"\S \S", name) for name in names)


def affinity(many: Influencers) -> NDArray[np.float64]:
    """Part of the audience in each region over the region's share of the shop."""
    return np.asarray(many.audience / np.array(list(region_shares().values())))


def test_audiences_are_shares(many: Influencers) -> None:
    assert many.audience.shape == (MANY, 36)
    assert (many.audience > 0).all()
    np.testing.assert_allclose(many.audience.sum(axis=1), 1)


def test_audiences_live_where_the_language_is_spoken_and_more_of_them_at_home(
    many: Influencers,
) -> None:
    """Of regional languages: 24 times where it is spoken, twice as much again at home."""
    found, spoken_in = affinity(many), np.array(list(languages().values()))
    homes = np.arange(36)
    for row in np.flatnonzero(~np.isin(many.language, ["Hindi", "English"])):
        is_home = homes == many.home[row]
        is_spoken = spoken_in == many.language[row]
        elsewhere = found[row, ~is_spoken & ~is_home]
        assert np.ptp(elsewhere) < 1e-9
        np.testing.assert_allclose(found[row, is_spoken & ~is_home], 24 * elsewhere[0])
        at_home = (24 if is_spoken[is_home] else 1) * 2 * elsewhere[0]
        np.testing.assert_allclose(found[row, is_home], at_home)


@pytest.mark.parametrize(("language", "ratio"), [("Hindi", 2.5), ("English", 6.0)])
def test_hindi_and_english_are_understood_beyond_their_regions(
    language: str, ratio: float, many: Influencers
) -> None:
    found, spoken_in = affinity(many), np.array(list(languages().values()))
    for row in np.flatnonzero(many.language == language)[:500]:
        away = np.arange(36) != many.home[row]
        inside = found[row, away & (spoken_in == language)]
        outside = found[row, away & (spoken_in != language)]
        np.testing.assert_allclose(inside, ratio * outside[0])
        assert np.ptp(outside) < 1e-9


def slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Least squares: slope and its standard error."""
    x = x - x.mean()
    b = float((x * y).sum() / (x**2).sum())
    rest = y - y.mean() - b * x
    return b, math.sqrt(float((rest**2).sum()) / (len(x) - 2) / float((x**2).sum()))


@pytest.fixture(scope="module")
def seen() -> pd.DataFrame:
    """Posts of many accounts, large enough for their counts not to suffer from rounding."""
    changes = {"influencers": 1_000, "campaigns.per_year": 200.0, "campaigns.regional_share": 0.0}
    settings = load_settings("tiny", 3, changes)
    people, campaigns = simulate_influencers(settings), simulate_campaigns(settings)
    posts = simulate_posts(settings, people, campaigns).table(
        people, campaigns, np.datetime64(settings.start)
    )
    table = pd.DataFrame(posts.to_pydict())
    followers = dict(zip(people.influencer_id, people.followers, strict=True))
    table["follower_count"] = table["influencer_id"].map(followers)
    return table[table["follower_count"] > 10_000]


@pytest.mark.parametrize(("part", "whole"), [("likes", "reach"), ("reach", "follower_count")])
def test_engagement_and_reach_rates_fall_with_size(
    part: str, whole: str, seen: pd.DataFrame
) -> None:
    assert len(seen) > 1_000
    followers = np.log(seen["follower_count"].to_numpy(float))
    rates = np.log((seen[part] / seen[whole]).to_numpy(float))
    if part == "reach":
        for platform, rate in {"YouTube": 0.28, "Facebook": 0.09, "Twitter": 0.10}.items():
            rates[(seen["platform"] == platform).to_numpy()] -= math.log(rate / 0.24)
    found, error = slope(followers, rates)
    assert_near(found, -0.15, error)
    assert found < -4 * error


def test_counts_of_a_post_are_possible(default: Files) -> None:
    [bad] = default.row(
        """
        select count(*) from raw.posts
        where not (
            likes <= reach and reach <= impressions and comments <= likes and shares <= likes
            and clicks <= reach and (saves is null or saves <= likes) and likes >= 0
        )
        or (saves is null) <> (platform <> 'Instagram')
        """
    )
    assert bad == 0


def test_a_post_names_its_author_platform_and_code(default: Files) -> None:
    [bad] = default.row(
        """
        select count(*)
        from raw.posts as posts
        left join raw.influencers as people using (influencer_id)
        where (
            posts.platform = people.platform
            and contains(posts.caption, 'Code ' || people.coupon_codes || ' ')
            and contains(posts.caption, posts.brand)
            and posts.url = 'https://' || lower(posts.platform) || '.example/' || posts.post_id
        ) is not true
        """
    )
    assert bad == 0
    assert default.value("select count(*) - count(distinct post_id) from raw.posts") == 0

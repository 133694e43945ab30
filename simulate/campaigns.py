"""Campaigns: brand, days, treated and control regions, and the team of influencers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulate.catalogue import BRAND_SHARES, BRANDS, EVENTS, NO_MEMBER, REGIONS
from simulate.people import MEDIAN_FOLLOWERS, TIERS, Influencers
from simulate.randomness import Stream, generator
from simulate.settings import Settings

SMALLEST_REGION = 0.004  # of the shop's orders; smaller regions take no part in an experiment
PAIRS = (5, 8)  # fewest and most pairs of a paired campaign
TREATED_SHARE = (0.14, 0.25)  # of the shop's orders, in the languages a campaign speaks
CONTROL_OVER_TREATED = (1.1, 1.8)
LEAD_DAYS = 7  # a campaign timed on a sale begins at most so many days before it
TRIES = 1_000  # random dates and regions, until some keep out of the way of the brand's others
FIT_PULL, LANGUAGE_PULL, HOME_PULL, STAR_PULL = 1.5, 2.0, 0.7, -4.0  # who is asked, as log weights
LARGE_MARKET, THRIFT = 0.2, 0.5  # below this part of the shop, the smaller the accounts asked

Rows: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Campaign:
    """One campaign; days count from 0, the world's first day.

    Attributes:
        brand: Row number in `BRANDS`.
        start: First day.
        days: Length of the posting window.
        cooldown_days: Days after the window in which the effect fades.
        treated: Row numbers in `REGIONS`; none for a national campaign.
        control: Row numbers in `REGIONS`; none for a national campaign.
        is_paired: Whether the i-th treated and the i-th control region were drawn as a pair.
        languages: What its influencers speak; empty: whatever.
    """

    brand: int
    start: int
    days: int
    cooldown_days: int
    treated: Rows
    control: Rows
    is_paired: bool
    languages: tuple[str, ...]

    @property
    def is_regional(self) -> bool:
        """Whether it has treated and control regions."""
        return len(self.treated) > 0

    @property
    def end(self) -> int:
        """Last day of the posting window."""
        return self.start + self.days - 1

    @property
    def cooldown_end(self) -> int:
        """Last day on which its effect is measured."""
        return self.end + self.cooldown_days


@dataclass(frozen=True)
class Campaigns:
    """All campaigns in order of their first day, C of them; those planned elsewhere come last.

    Attributes:
        campaign_id: Shape (C,); unique.
        name: Shape (C,); unique.
        plan: The campaigns.
        planned: How many were planned elsewhere.
    """

    campaign_id: NDArray[np.object_]
    name: NDArray[np.object_]
    plan: tuple[Campaign, ...]
    planned: int = 0

    @property
    def scheduled(self) -> int:
        """How many the world laid out by itself."""
        return len(self.plan) - self.planned

    def stream(self, row: int, brand: int) -> int:
        """Number of the random stream of a campaign, or of a brand's posts outside campaigns.

        Planned campaigns follow all others, whose streams are those that they have without them.
        """
        if row == NO_MEMBER:
            return self.scheduled + brand
        return row if row < self.scheduled else row + len(BRANDS)

    def ids(self, rows: NDArray[np.int64], none: str | None = None) -> NDArray[np.object_]:
        """Keys of campaigns by row number, with `none` for -1."""
        return np.array([*self.campaign_id, none], dtype=object)[rows]

    def table(self, first_day: np.datetime64) -> pa.Table:
        """The export `campaigns`."""
        plan = self.plan
        start = np.array([campaign.start for campaign in plan], dtype=np.int64)
        end = np.array([campaign.end for campaign in plan], dtype=np.int64)
        return pa.table(
            {
                "campaign_id": pa.array(self.campaign_id, pa.string()),
                "name": pa.array(self.name, pa.string()),
                "brand": pa.array([BRANDS[campaign.brand].name for campaign in plan], pa.string()),
                "start_date": first_day + start,
                "end_date": first_day + end,
                "cooldown_days": pa.array(
                    [campaign.cooldown_days for campaign in plan], pa.int64()
                ),
            }
        )

    def regions_table(self) -> pa.Table:
        """The export `campaign_regions`: the regions of regional campaigns."""
        rows = [
            (key, REGIONS.region[region], role, str(place + 1) if campaign.is_paired else None)
            for key, campaign in zip(self.campaign_id, self.plan, strict=True)
            for role, regions in (("treatment", campaign.treated), ("control", campaign.control))
            for place, region in enumerate(regions)
        ]
        names = ("campaign_id", "region", "role", "pair")
        columns = zip(*rows, strict=True) if rows else ([], [], [], [])
        return pa.table(
            {
                name: pa.array(column, pa.string())
                for name, column in zip(names, columns, strict=True)
            }
        )


def simulate_campaigns(settings: Settings) -> Campaigns:
    """Lay out the campaigns.

    A regional campaign keeps out of the way of its brand's others: from its pretest to the end of
    its cooldown no other regional campaign of the brand treats one of its regions, but for the
    share that overlaps on purpose. Where the calendar is too full for that, it becomes national.

    Args:
        settings: Seed, period and shape of campaigns.

    Returns:
        The campaigns.
    """
    rng = generator(settings.seed, Stream.SCHEDULE)
    wanted = round(settings.campaigns.per_year * settings.days / 365)
    shape = settings.campaigns
    by_brand = _split(wanted, BRAND_SHARES**0.4)
    regional = [round(shape.regional_share * n) for n in by_brand]
    # A campaign that overlaps touches another one: half as many make the share.
    overlaps = round(shape.overlap_share * sum(regional) / 2)
    overlapping = _split(overlaps, np.array(regional) + rng.random(len(BRANDS)))
    plan: list[Campaign] = []
    for brand, n in enumerate(by_brand):
        placed: list[Campaign] = []
        for number in range(regional[brand]):
            should = number >= regional[brand] - overlapping[brand] and bool(placed)
            found = _place_regional(settings, brand, placed, should, rng)
            if found is not None:
                placed.append(found)
        nationals = [_national(settings, brand, rng) for _ in range(n - len(placed))]
        plan += placed + nationals
    plan.sort(key=lambda campaign: (campaign.start, campaign.brand, campaign.end))
    ids = np.array([f"CMP{number:03d}" for number in range(1, len(plan) + 1)], dtype=object)
    return Campaigns(ids, _names(plan, np.datetime64(settings.start)), tuple(plan))


def in_the_way(one: Campaign, other: Campaign, pretest_days: int) -> bool:
    """Whether one campaign disturbs the experiment of the other, or the other way round.

    Args:
        one: A regional campaign.
        other: Another one of the same brand.
        pretest_days: Days before a campaign that its experiment looks at.

    Returns:
        True if one of them treats a region of the other's experiment during it.
    """

    def disturbs(active: Campaign, measured: Campaign) -> bool:
        meet_in_time = (
            active.start <= measured.cooldown_end
            and active.cooldown_end >= measured.start - pretest_days
        )
        measured_regions = np.concatenate([measured.treated, measured.control])
        return meet_in_time and bool(np.isin(active.treated, measured_regions).any())

    return disturbs(one, other) or disturbs(other, one)


def choose_team(
    campaign: Campaign, influencers: Influencers, settings: Settings, rng: np.random.Generator
) -> Rows:
    """Draw the influencers of a campaign: fitting ones, of its language and regions.

    Args:
        campaign: The campaign.
        influencers: All influencers.
        settings: Size of teams.
        rng: Source of randomness.

    Returns:
        Row numbers of influencers, ascending.
    """
    size = usual_size(settings, rng)
    return np.sort(ranked(campaign, influencers, rng)[:size])


def usual_size(settings: Settings, rng: np.random.Generator) -> int:
    """Draw the number of influencers of a campaign."""
    shape = settings.campaigns
    return int(rng.integers(shape.smallest_team, shape.largest_team + 1))


def ranked(campaign: Campaign, influencers: Influencers, rng: np.random.Generator) -> Rows:
    """Draw the order in which influencers are asked to take part in a campaign.

    Args:
        campaign: The campaign.
        influencers: All influencers.
        rng: Source of randomness.

    Returns:
        Row numbers of influencers.
    """
    market = BRAND_SHARES[campaign.brand]
    if campaign.is_regional:
        market = market * REGIONS.share[campaign.treated].sum()
    thrift = THRIFT * max(np.log(LARGE_MARKET / market), 0)
    pull = FIT_PULL * influencers.suits[:, campaign.brand]
    pull = pull - thrift * np.log(influencers.followers / MEDIAN_FOLLOWERS)
    if campaign.is_regional:
        pull = pull + HOME_PULL * np.isin(influencers.home, campaign.treated)
        pull = pull + LANGUAGE_PULL * np.isin(influencers.language, campaign.languages)
        pull = pull + STAR_PULL * (influencers.tier >= TIERS.index("Macro"))
    # The highest log weights plus Gumbel noise are a weighted draw without putting back.
    score = pull + rng.gumbel(size=len(pull))
    return np.argsort(-score)


def _split(total: int, weights: NDArray[np.float64]) -> list[int]:
    """Whole parts of a total in proportion to weights, largest remainders first."""
    exact = total * weights / weights.sum()
    parts = np.floor(exact).astype(int)
    parts[np.argsort(parts - exact, kind="stable")[: total - parts.sum()]] += 1
    return [int(part) for part in parts]


def _place_regional(
    settings: Settings,
    brand: int,
    placed: Sequence[Campaign],
    overlaps: bool,
    rng: np.random.Generator,
) -> Campaign | None:
    """A campaign that is in nobody's way, or in that of one other where that is wanted; or none."""
    pretest_days = settings.campaigns.pretest_days
    touched = [
        any(in_the_way(one, other, pretest_days) for other in placed if other is not one)
        for one in placed
    ]
    for _ in range(TRIES):
        draft = _regional(settings, brand, rng)
        if draft is None:
            continue
        met = [
            is_touched
            for other, is_touched in zip(placed, touched, strict=True)
            if in_the_way(draft, other, pretest_days)
        ]
        if met == ([False] if overlaps else []):
            return draft
    return None


def _regional(settings: Settings, brand: int, rng: np.random.Generator) -> Campaign | None:
    shape = settings.campaigns
    start, days, cooldown_days = _dates(settings, shape.pretest_days, rng)
    is_paired = bool(rng.random() < shape.paired_share)
    may_treat = _eligible(shape.treated_regions)
    may_control = _eligible(shape.control_regions)
    if is_paired:
        both = np.flatnonzero(may_treat & may_control)
        treated, control = _pairs(both, rng)
        languages: tuple[str, ...] = ("Hindi", "English")
    else:
        treated, control, languages = _by_language(may_treat, may_control, rng)
    if not len(treated) or not len(control):
        return None
    return Campaign(brand, start, days, cooldown_days, treated, control, is_paired, languages)


def _national(settings: Settings, brand: int, rng: np.random.Generator) -> Campaign:
    nowhere = np.array([], dtype=np.int64)
    return Campaign(brand, *_dates(settings, 0, rng), nowhere, nowhere, False, ())


def _dates(settings: Settings, pretest_days: int, rng: np.random.Generator) -> tuple[int, int, int]:
    """First day, length and cooldown; inside the period, after a pretest if that is possible."""
    shape = settings.campaigns
    days = int(rng.integers(shape.shortest_days, shape.longest_days + 1))
    cooldown_days = min(shape.cooldown_days, settings.days - 1)
    days = min(days, settings.days - cooldown_days)
    latest = settings.days - cooldown_days - days
    earliest = min(pretest_days, latest)
    start = int(rng.integers(earliest, latest + 1))
    lead = int(rng.integers(0, LEAD_DAYS + 1))
    if rng.random() < shape.timed_on_sales:
        sales = EVENTS.first_day[EVENTS.lift > 0] - np.datetime64(settings.start)
        starts = sales.astype(np.int64) - lead
        starts = starts[(starts >= earliest) & (starts <= latest)]
        if len(starts):
            start = int(rng.choice(starts))
    return start, days, cooldown_days


def _eligible(names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Regions that settings allow; without a list all but the smallest."""
    if names:
        return np.isin(REGIONS.region, names)
    return np.asarray(REGIONS.share >= SMALLEST_REGION)


def _pairs(regions: Rows, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Neighbours in size become pairs, of which chance treats one."""
    pairs = min(int(rng.integers(PAIRS[0], PAIRS[1] + 1)), len(regions) // 2)
    chosen = rng.choice(regions, 2 * pairs, replace=False)
    by_size = chosen[np.argsort(-REGIONS.share[chosen], kind="stable")].reshape(pairs, 2)
    side = rng.integers(0, 2, pairs)
    row = np.arange(pairs)
    return by_size[row, side], by_size[row, 1 - side]


def _by_language(
    may_treat: NDArray[np.bool_], may_control: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Rows, Rows, tuple[str, ...]]:
    """Languages until they hold a share of the shop; then other regions, until there are as many.

    Of the many Hindi-speaking regions chance treats half.
    """
    languages, where = np.unique(REGIONS.language[may_treat], return_inverse=True)
    if not len(languages):
        return np.array([], np.int64), np.array([], np.int64), ()
    weight = np.sqrt(np.bincount(where, REGIONS.share[may_treat]))
    wanted = rng.uniform(*TREATED_SHARE)
    spoken: list[str] = []
    treated = np.zeros(len(REGIONS.share), dtype=bool)
    order = np.argsort(-(np.log(weight) + rng.gumbel(size=len(weight))))
    for language in languages[order]:
        if REGIONS.share[treated].sum() >= wanted:
            break
        spoken.append(str(language))
        of_it = np.flatnonzero(may_treat & (REGIONS.language == language))
        half = (len(of_it) + 1) // 2 if language == "Hindi" else len(of_it)
        treated[rng.permutation(of_it)[:half]] = True
    others = rng.permutation(np.flatnonzero(may_control & ~treated))
    enough = REGIONS.share[treated].sum() * rng.uniform(*CONTROL_OVER_TREATED)
    before = np.cumsum(REGIONS.share[others]) - REGIONS.share[others]
    return np.flatnonzero(treated), np.sort(others[before < enough]), tuple(spoken)


def _names(plan: Sequence[Campaign], first_day: np.datetime64) -> NDArray[np.object_]:
    """Brand, theme, where and when; a number behind names that would come twice."""
    used = [0] * len(BRANDS)
    seen: dict[str, int] = {}
    names = []
    for campaign in plan:
        brand = BRANDS[campaign.brand]
        theme = brand.themes[used[campaign.brand] % len(brand.themes)]
        used[campaign.brand] += 1
        where = "regional test" if campaign.is_paired else " and ".join(campaign.languages)
        month = str((first_day + campaign.start).astype("datetime64[M]"))
        name = " ".join(part for part in (brand.name, theme, where, month) if part)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return np.array(names, dtype=object)

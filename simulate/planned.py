"""Campaigns that were planned elsewhere, such as on the viewer's page Plan a test, in a world.

They come on top of the campaigns that the world lays out by itself, with random streams of their
own: influencers, the other campaigns, their posts and demand stay as they are without them.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulate.campaigns import (
    Campaign,
    Campaigns,
    Rows,
    ranked,
    simulate_campaigns,
    usual_size,
)
from simulate.catalogue import BRAND_SHARES, BRANDS, PRODUCTS, REGIONS
from simulate.orders import QUANTITIES, QUANTITY_SHARES, Sales
from simulate.payouts import (
    BASES,
    BASIS_SHARES,
    FEE_STEP,
    POST,
    RATE_UNITS,
    RETAINER,
    TERMS,
    Payouts,
    money,
    simulate_payouts,
)
from simulate.people import Influencers
from simulate.plan import Plan
from simulate.posts import Posts, make_posts, numbered_by_day
from simulate.randomness import Stream, generator
from simulate.settings import Settings

Row = Mapping[str, str]
ROLES = ("treatment", "control")
Taken = TypeVar("Taken", Posts, Plan, Sales)


class PlannedError(Exception):
    """A planned campaign that the world cannot have; its message is one line."""


@dataclass(frozen=True)
class Planned:
    """Campaigns that were planned, P of them.

    Attributes:
        campaign_id: Shape (P,); keys.
        name: Shape (P,); names.
        plan: The campaigns.
        budget: What each is to cost in rupees; None takes a usual team at usual fees.
        test_plans: The table test_plans as it came, if it did.
    """

    campaign_id: NDArray[np.object_]
    name: NDArray[np.object_]
    plan: tuple[Campaign, ...]
    budget: tuple[float | None, ...]
    test_plans: pa.Table | None

    def added_to(self, campaigns: Campaigns) -> Campaigns:
        """All campaigns, the planned ones last."""
        return Campaigns(
            np.append(campaigns.campaign_id, self.campaign_id),
            np.append(campaigns.name, self.name),
            (*campaigns.plan, *self.plan),
            len(self.plan),
        )


# --- Reading -----------------------------------------------------------------------------------


def read_planned(folder: Path, settings: Settings) -> Planned:
    """Read the files that the viewer exports of planned tests.

    Args:
        folder: With campaigns.csv, campaign_regions.csv and, if it is there, test_plans.csv.
        settings: The world's period.

    Returns:
        The campaigns.

    Raises:
        PlannedError: If a file is missing, or a campaign does not fit into the world.
    """
    regions: dict[str, dict[str, list[int]]] = {}
    for place, row in _rows(folder, "campaign_regions", ("campaign_id", "region", "role")):
        roles = regions.setdefault(row["campaign_id"], {role: [] for role in ROLES})
        _add_region(place, row, roles)
    plans = list(_rows(folder, "test_plans", ("campaign_id",), is_optional=True))
    budgets = {row["campaign_id"]: _budget(place, row) for place, row in plans}
    names: dict[str, str] = {}
    campaigns: list[Campaign] = []
    for place, row in _rows(
        folder, "campaigns", ("campaign_id", "brand", "start_date", "end_date")
    ):
        key = row["campaign_id"]
        if key in names:
            raise PlannedError(f"{place}: campaign_id {key!r} is that of another row")
        names[key] = row.get("name") or key
        roles = regions.get(key, {role: [] for role in ROLES})
        if roles["control"] and not roles["treatment"]:
            raise PlannedError(f"{place}: campaign_regions.csv has no treatment region of {key!r}")
        campaigns.append(_campaign(place, row, roles, settings))
    for key in regions:
        if key not in names:
            raise PlannedError(f"campaign_regions.csv: campaign_id {key!r} is not in campaigns.csv")
    _refuse_namesakes(names, simulate_campaigns(settings))
    return Planned(
        np.array(list(names), dtype=object),
        np.array(list(names.values()), dtype=object),
        tuple(campaigns),
        tuple(budgets.get(key) for key in names),
        _table([row for _, row in plans]),
    )


def _refuse_namesakes(names: Mapping[str, str], campaigns: Campaigns) -> None:
    """Refuse keys and names that campaigns of the world have."""
    taken = {*campaigns.campaign_id, *campaigns.name}
    for key, name in names.items():
        for text in (key, name):
            if text in taken:
                raise PlannedError(
                    f"campaigns.csv: {text!r} is a campaign of the world; give the planned one"
                    " another campaign_id and name"
                )


def _rows(
    folder: Path, table: str, columns: tuple[str, ...], is_optional: bool = False
) -> Iterator[tuple[str, Row]]:
    """Rows of a file with their places, cells without blanks around them."""
    file = folder / f"{table}.csv"
    if is_optional and not file.is_file():
        return
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PlannedError(
            f"{file} cannot be read: {error.strerror}; the page Plan a test exports it"
        ) from None
    lines = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in columns if name not in (lines.fieldnames or ())]
    if missing:
        raise PlannedError(f"{table}.csv has no column {missing[0]}; export it again")
    for number, row in enumerate(lines, start=1):
        # The apostrophe keeps spreadsheets from taking a text for a formula.
        cells = {name: (cell or "").strip().removeprefix("'") for name, cell in row.items() if name}
        yield f"{table}.csv, row {number}", cells


def _add_region(place: str, row: Row, roles: dict[str, list[int]]) -> None:
    [*found] = np.flatnonzero(REGIONS.region == row["region"])
    if not found:
        raise PlannedError(
            f"{place}: region {row['region']!r} is not one of simulate/data/regions.csv, such as"
            " 'Kerala'"
        )
    if row["role"] not in ROLES:
        raise PlannedError(f"{place}: role is {row['role']!r}, must be treatment or control")
    if any(found[0] in rows for rows in roles.values()):
        raise PlannedError(f"{place}: region {row['region']!r} is that of another row")
    roles[row["role"]].append(int(found[0]))


def _campaign(place: str, row: Row, roles: Mapping[str, list[int]], settings: Settings) -> Campaign:
    brands = [brand.name for brand in BRANDS]
    if row["brand"] not in brands:
        raise PlannedError(
            f"{place}: brand is {row['brand']!r}, must be one of {', '.join(brands)}"
        )
    start, end = (_day(place, row, name) for name in ("start_date", "end_date"))
    cooldown = row.get("cooldown_days") or "0"
    if not cooldown.isdecimal():
        raise PlannedError(f"{place}: cooldown_days is {cooldown!r}, must be a whole number")
    if end < start:
        raise PlannedError(f"{place}: end_date {end} is before start_date {start}")
    stop = end + timedelta(days=int(cooldown))
    if start < settings.start:
        raise PlannedError(
            f"{place}: start_date {start} is before the world's first day {settings.start};"
            " give --start"
        )
    if stop > settings.last_day:
        raise PlannedError(
            f"{place}: its cooldown ends on {stop}, after the world's last day"
            f" {settings.last_day}; give --days {(stop - settings.start).days + 1} or more"
        )
    treated, control = (np.array(roles[role], dtype=np.int64) for role in ROLES)
    return Campaign(
        brand=brands.index(row["brand"]),
        start=(start - settings.start).days,
        days=(end - start).days + 1,
        cooldown_days=int(cooldown),
        treated=treated,
        control=control,
        is_paired=False,
        languages=tuple(sorted(set(REGIONS.language[treated]))),
    )


def _day(place: str, row: Row, name: str) -> date:
    try:
        return date.fromisoformat(row[name])
    except ValueError:
        raise PlannedError(
            f"{place}: {name} is {row[name]!r}, must be a date as YYYY-MM-DD"
        ) from None


def _budget(place: str, row: Row) -> float | None:
    text = row.get("budget", "")
    try:
        return max(float(text), FEE_STEP) if text else None
    except ValueError:
        raise PlannedError(f"{place}: budget is {text!r}, must be a number") from None


def _table(rows: list[Row]) -> pa.Table | None:
    """Rows as they came, all text."""
    if not rows:
        return None
    return pa.table(
        {name: pa.array([row[name] or None for row in rows], pa.string()) for name in rows[0]}
    )


# --- Posts -------------------------------------------------------------------------------------


def with_planned_posts(
    settings: Settings, influencers: Influencers, planned: Planned, posts: Posts, first: int
) -> Posts:
    """The posts of a world with those of planned campaigns.

    A team is as large as its budget allows at the fees that are usual in the world.

    Args:
        settings: Seed, posts of each, size of teams.
        influencers: The influencers.
        planned: The planned campaigns.
        posts: The other posts, which stay as they are but for their keys.
        first: Number of the first planned campaign among all.

    Returns:
        All posts in order of day.
    """
    parts = [posts]
    for number, (campaign, budget) in enumerate(zip(planned.plan, planned.budget, strict=True)):
        casting = generator(settings.seed, Stream.TEAMS, number)
        team, each = _team(settings, influencers, campaign, budget, posts, casting)
        rng = generator(settings.seed, Stream.POSTS, number)
        person = np.repeat(team, each)
        day = campaign.start + (rng.random(len(person)) * campaign.days).astype(np.int64)
        of_campaign = np.full(len(person), first + number)
        brand = np.full(len(person), campaign.brand)
        parts.append(make_posts(influencers, (person, of_campaign, brand, day), rng))
    together = {
        one.name: np.concatenate([getattr(part, one.name) for part in parts])
        for one in fields(Posts)
    }
    return numbered_by_day(Posts(**together))


def _team(
    settings: Settings,
    influencers: Influencers,
    campaign: Campaign,
    budget: float | None,
    posts: Posts,
    rng: np.random.Generator,
) -> tuple[Rows, Rows]:
    """Influencers and posts of each: the first of those who fit, until the budget is spent."""
    size = usual_size(settings, rng)
    who = ranked(campaign, influencers, rng)
    each = 1 + rng.poisson(settings.campaigns.posts_each - 1, len(who))
    if budget is not None:
        level = _fee_level(settings, influencers, posts)
        cost = np.cumsum(level * influencers.rate_weight[who] * each)
        size = int(np.argmin(np.abs(cost - budget))) + 1
    return who[:size], each[:size]


def _fee_level(settings: Settings, influencers: Influencers, posts: Posts) -> float:
    """Rupees a post by unit of rate_weight, as fees are expected to come out in the world."""
    prices = np.bincount(PRODUCTS.brand, PRODUCTS.share * PRODUCTS.list_price)
    kept = 1 - settings.customers.return_share - settings.customers.refusal_share
    order = float(prices @ BRAND_SHARES) * float(QUANTITIES @ QUANTITY_SHARES) * kept
    flat = BASIS_SHARES[:, [POST, RETAINER]].sum(axis=1)[influencers.tier]
    in_campaigns = posts.influencer[posts.campaign >= 0]
    weight = float((flat * influencers.rate_weight)[in_campaigns].sum())
    return settings.money.fee_share * settings.orders * order / max(weight, 1.0)


# --- Payouts -----------------------------------------------------------------------------------


def with_planned_payouts(
    settings: Settings,
    influencers: Influencers,
    planned: Planned,
    campaigns: Campaigns,
    posts: Posts,
    plan: Plan,
    sales: Sales,
) -> Payouts:
    """The payouts of a world with those of planned campaigns: a fee for each post, as agreed.

    Args:
        settings: Seed, period and level of fees.
        influencers: The influencers.
        planned: The planned campaigns.
        campaigns: All campaigns.
        posts: All posts.
        plan: The orders.
        sales: What the orders came to.

    Returns:
        All payouts in order of event day. Those of other campaigns are agreed as without the
        planned ones.
    """
    is_own = posts.campaign < campaigns.scheduled
    own = _taken(posts, is_own)
    of_own = np.append(is_own, True)[plan.post]
    row = np.append(np.cumsum(is_own) - 1, -1)[plan.post]
    usual = simulate_payouts(
        settings,
        influencers,
        campaigns,
        own,
        replace(_taken(plan, of_own), post=row[of_own]),
        _taken(sales, of_own),
    )
    level = _fee_level(settings, influencers, own)
    parts = [usual]
    for number, budget in enumerate(planned.budget):
        theirs = _taken(posts, posts.campaign == campaigns.scheduled + number)
        rng = generator(settings.seed, Stream.PAYOUTS, number)
        parts.append(_fees(settings, influencers, theirs, budget, level, rng))
    table = pa.concat_tables([part.table for part in parts])
    influencer = np.concatenate([part.influencer for part in parts])
    campaign = np.concatenate([part.campaign for part in parts])
    spend = np.concatenate([part.spend for part in parts])
    key = pa.array(campaigns.ids(campaign), pa.string())
    table = table.set_column(table.schema.get_field_index("campaign"), "campaign", key)
    name = pa.array(influencers.influencer_id[influencer], pa.string())
    table = table.set_column(table.schema.get_field_index("influencer_id"), "influencer_id", name)
    order = np.lexsort((campaign, influencer, table["event_date"].to_numpy()))
    ids = pa.array([f"PAY{number:06d}" for number in range(1, len(order) + 1)], pa.string())
    table = table.take(pa.array(order)).set_column(0, "payout_id", ids)
    return Payouts(table, influencer[order], campaign[order], spend[order])


def _fees(
    settings: Settings,
    influencers: Influencers,
    posts: Posts,
    budget: float | None,
    level: float,
    rng: np.random.Generator,
) -> Payouts:
    """A line for each post; together they cost the budget, but for rounding."""
    n = len(posts.day)
    weight = influencers.rate_weight[posts.influencer]
    fee = weight * (level if budget is None else budget / weight.sum())
    paise = (np.maximum(np.rint(fee / FEE_STEP), 1) * FEE_STEP * 100).astype(np.int64)
    due = posts.day + TERMS[rng.integers(0, len(TERMS), n)]
    transfer = due + rng.integers(-7, 15, n)
    last, first_day = settings.days - 1, np.datetime64(settings.start)
    is_paid = transfer <= last
    status = np.select([is_paid, due <= last], ["paid", "due"], "accrued").astype(object)
    text, whole = pa.string(), pa.int64()
    nothing = np.zeros(n, dtype=np.int64)
    table = pa.table(
        {
            "payout_id": pa.nulls(n, text),
            "influencer_id": pa.nulls(n, text),
            "campaign": pa.nulls(n, text),
            "basis": pa.array([BASES[POST]] * n, text),
            "rate": money(paise),
            "rate_unit": pa.array([RATE_UNITS[POST]] * n, text),
            "orders": pa.nulls(n, whole),
            "posts": pa.array(nothing + 1, whole),
            "total_payout": money(paise),
            "event_date": first_day + posts.day,
            "due_date": first_day + due,
            "paid_date": pa.array(first_day + transfer, mask=~is_paid),
            "status": pa.array(status, text),
            "product_cost": money(nothing),
        }
    )
    return Payouts(table, posts.influencer, posts.campaign, paise)


def _taken(rows: Taken, mask: NDArray[np.bool_]) -> Taken:
    """Those rows of columns that a mask chooses."""
    return type(rows)(**{one.name: getattr(rows, one.name)[mask] for one in fields(rows)})

"""Payouts: what each influencer agreed for each campaign, and what was paid for it."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulate.campaigns import Campaigns
from simulate.catalogue import NO_MEMBER, PRODUCTS
from simulate.orders import Sales
from simulate.people import Influencers
from simulate.plan import Kind, Plan
from simulate.posts import Posts
from simulate.randomness import Stream, generator
from simulate.settings import Settings

BASES = np.array(["post", "order", "revenue share", "retainer", "gift"], dtype=object)
POST, ORDER, REVENUE_SHARE, RETAINER, GIFT = range(5)
RATE_UNITS = np.array(
    ["INR per post", "INR per order", "% of revenue", "INR per month", None], dtype=object
)
# Shares of BASES by tier, nano to mega: small accounts work for gifts and commission.
BASIS_SHARES = np.array(
    [
        [0.25, 0.22, 0.20, 0.00, 0.33],
        [0.50, 0.15, 0.22, 0.05, 0.08],
        [0.68, 0.05, 0.12, 0.15, 0.00],
        [0.80, 0.00, 0.00, 0.20, 0.00],
        [0.85, 0.00, 0.00, 0.15, 0.00],
    ]
)
REVENUE_SHARES = np.arange(400, 1_201, 50)  # hundredths of a per cent
ORDER_COMMISSION = (0.04, 0.10)  # of the brand's usual price, lowest to highest
TERMS = np.array([15, 30, 45])  # days until a payout is due
FEE_STEP = 50  # rupees; fees are multiples of it


@dataclass(frozen=True)
class Payouts:
    """Payout lines in order of event day, n of them.

    Attributes:
        table: The export `payouts`.
        influencer: Shape (n,); row numbers of influencers.
        campaign: Shape (n,); row numbers of campaigns, -1 for none.
        spend: Shape (n,); paise that the shop bears, product included; 0 for reversed lines.
    """

    table: pa.Table
    influencer: NDArray[np.int64]
    campaign: NDArray[np.int64]
    spend: NDArray[np.int64]


@dataclass(frozen=True)
class _Deals:
    """What an influencer agreed for a campaign, or for all posts outside campaigns."""

    influencer: NDArray[np.int64]
    campaign: NDArray[np.int64]
    brand: NDArray[np.int64]
    posts: NDArray[np.int64]
    first_day: NDArray[np.int64]
    basis: NDArray[np.int64]
    of_post: NDArray[np.int64]


@dataclass(frozen=True)
class _Lines:
    """What a deal earns: one line a post, a month, or once."""

    deal: NDArray[np.int64]
    basis: NDArray[np.int64]
    day: NDArray[np.int64]
    units: NDArray[np.int64]
    base: NDArray[np.int64]  # paise of revenue that a revenue share is taken from


@dataclass(frozen=True)
class _Calendar:
    """Months from 0; first day and number of months of each deal's campaign."""

    month: NDArray[np.int64]
    month_end: NDArray[np.int64]
    begin: NDArray[np.int64]
    months: NDArray[np.int64]


def simulate_payouts(
    settings: Settings,
    influencers: Influencers,
    campaigns: Campaigns,
    posts: Posts,
    plan: Plan,
    sales: Sales,
) -> Payouts:
    """Draw a deal for each influencer and campaign, and settle it.

    A post fee has a line for each post, on its day; a commission one for each month with orders,
    on the month's last day; a retainer one for each month of the campaign; a gifted product, which
    those on commission get as well, a single one.

    Args:
        settings: Seed, period and level of fees.
        influencers: The influencers.
        campaigns: The campaigns.
        posts: The posts.
        plan: The orders.
        sales: What the orders came to.

    Returns:
        The payouts. Money is in rupees; `rate` is in rupees or, for a revenue share, in per cent.
    """
    rng = generator(settings.seed, Stream.PAYOUTS)
    deals = _agree(influencers, posts, rng)
    calendar = _calendar(settings, deals, campaigns)
    rate = _rates(settings, influencers, deals, calendar, plan, sales, rng)
    first_day = np.datetime64(settings.start)
    lines = _settle(deals, calendar, posts, plan, sales)
    order = np.lexsort((deals.campaign[lines.deal], deals.influencer[lines.deal], lines.day))
    deal, basis, day, units, base = (
        column[order] for column in (lines.deal, lines.basis, lines.day, lines.units, lines.base)
    )
    n = len(deal)
    line_rate = np.where(basis == GIFT, 0, rate[deal])
    # Hundredths of a per cent of paise, rounded half up as an accountant would.
    share = (line_rate * base + 5_000) // 10_000
    owed = np.where(basis == REVENUE_SHARE, share, line_rate * units)
    is_overpaid = (basis <= REVENUE_SHARE) & (rng.random(n) < settings.money.overpaid_share)
    on_top = np.ceil(owed * rng.uniform(0.05, 0.25, n)).astype(np.int64)
    paid = owed + np.where(is_overpaid, on_top, 0)
    product = np.where(basis == GIFT, rng.integers(16, 81, n) * 50 * 100, 0)

    due = day + TERMS[rng.integers(0, len(TERMS), n)]
    transfer = due + rng.integers(-7, 15, n)
    last = settings.days - 1
    # A gift that was sent cannot be taken back.
    is_reversed = (rng.random(n) < settings.money.reversed_share) & (basis != GIFT)
    is_paid = ~is_reversed & (transfer <= last)
    status = np.select(
        [is_reversed, is_paid, due <= last], ["reversed", "paid", "due"], "accrued"
    ).astype(object)
    by_orders = (basis == ORDER) | (basis == REVENUE_SHARE)
    text, whole = pa.string(), pa.int64()
    table = pa.table(
        {
            "payout_id": pa.array([f"PAY{number:06d}" for number in range(1, n + 1)], text),
            "influencer_id": pa.array(influencers.influencer_id[deals.influencer[deal]], text),
            "campaign": pa.array(campaigns.ids(deals.campaign[deal]), text),
            "basis": pa.array(BASES[basis], text),
            "rate": money(line_rate),
            "rate_unit": pa.array(RATE_UNITS[basis], text),
            "orders": pa.array(units, whole, mask=~by_orders),
            "posts": pa.array(units, whole, mask=basis != POST),
            "total_payout": money(paid),
            "event_date": first_day + day,
            "due_date": first_day + due,
            "paid_date": pa.array(first_day + transfer, mask=~is_paid),
            "status": pa.array(status, text),
            "product_cost": money(product),
        }
    )
    spend = np.where(is_reversed, 0, paid + product)
    return Payouts(table, deals.influencer[deal], deals.campaign[deal], spend)


def _agree(influencers: Influencers, posts: Posts, rng: np.random.Generator) -> _Deals:
    """One deal for each influencer and campaign; its basis depends on the influencer's size."""
    pairs, first, of_post, count = np.unique(
        np.stack([posts.influencer, posts.campaign]),
        axis=1,
        return_index=True,
        return_inverse=True,
        return_counts=True,
    )
    steps: NDArray[np.float64] = np.cumsum(BASIS_SHARES, axis=1)[influencers.tier[pairs[0]]]
    chance: NDArray[np.float64] = rng.random((pairs.shape[1], 1))
    basis = (chance >= steps[:, :-1]).sum(axis=1)
    # Who posts outside campaigns is an affiliate.
    basis = np.where(pairs[1] == NO_MEMBER, REVENUE_SHARE, basis)
    return _Deals(
        pairs[0], pairs[1], posts.brand[first], count, posts.day[first], basis, of_post.ravel()
    )


def _rates(
    settings: Settings,
    influencers: Influencers,
    deals: _Deals,
    calendar: _Calendar,
    plan: Plan,
    sales: Sales,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Rates in paise, or in hundredths of a per cent.

    Flat fees follow size, not results. Their level is a share of what the shop sells without
    influencers, so that a portfolio earns alike in a small and in a large world.
    """
    n = len(deals.basis)
    organic = (plan.kind != Kind.ATTRIBUTED) & (plan.kind != Kind.HALO)
    budget = settings.money.fee_share * sales.revenue[organic].sum() / 100
    is_flat = (deals.basis == POST) | (deals.basis == RETAINER)
    weight = influencers.rate_weight[deals.influencer]
    level = budget / max((weight * deals.posts)[is_flat].sum(), 1.0)
    # A retainer is worth its posts, for a little less.
    a_month = 0.9 * deals.posts / np.maximum(calendar.months, 1)
    fee = weight * level * np.where(deals.basis == RETAINER, a_month, 1.0)
    fee = np.maximum(np.rint(fee / FEE_STEP), 1) * FEE_STEP
    usual_price = np.bincount(PRODUCTS.brand, PRODUCTS.share * PRODUCTS.list_price)
    per_order = usual_price[deals.brand] * rng.uniform(*ORDER_COMMISSION, n)
    commission = np.rint(per_order / 10) * 10
    rupees = np.select([is_flat, deals.basis == ORDER], [fee, commission], 0.0)
    revenue_share = REVENUE_SHARES[rng.integers(0, len(REVENUE_SHARES), n)]
    paise = (rupees * 100).astype(np.int64)
    return np.where(deals.basis == REVENUE_SHARE, revenue_share, paise)


def _calendar(settings: Settings, deals: _Deals, campaigns: Campaigns) -> _Calendar:
    """Months of the period and of each deal."""
    months = (np.datetime64(settings.start) + np.arange(settings.days)).astype("datetime64[M]")
    month = (months - months[0]).astype(np.int64)
    month_end = np.append(np.flatnonzero(np.diff(month)), settings.days - 1)
    none = [0]  # for deals outside campaigns
    begin = np.array([plan.start for plan in campaigns.plan] + none)[deals.campaign]
    end = np.array([plan.end for plan in campaigns.plan] + none)[deals.campaign]
    return _Calendar(month, month_end, begin, month[end] - month[begin] + 1)


def _settle(
    deals: _Deals,
    calendar: _Calendar,
    posts: Posts,
    plan: Plan,
    sales: Sales,
) -> _Lines:
    """The lines of all deals."""
    paid_posts = np.flatnonzero(deals.basis[deals.of_post] == POST)
    by_post = _flat(POST, deals.of_post[paid_posts], posts.day[paid_posts])

    month, month_end = calendar.month, calendar.month_end
    sold = np.flatnonzero((plan.kind == Kind.ATTRIBUTED) | (plan.kind == Kind.LEAKED))
    key = deals.of_post[plan.post[sold]] * len(month_end) + month[plan.day[sold]]
    n = len(deals.basis) * len(month_end)
    orders = np.bincount(key, sales.completed[sold], n).astype(np.int64)
    revenue = np.bincount(key, sales.revenue[sold], n).astype(np.int64)
    deal, in_month = np.divmod(np.arange(n), len(month_end))
    earns = (orders > 0) & np.isin(deals.basis[deal], (ORDER, REVENUE_SHARE))
    deal, day = deal[earns], month_end[in_month[earns]]
    commission = _Lines(deal, deals.basis[deal], day, orders[earns], revenue[earns])

    retained = np.flatnonzero(deals.basis == RETAINER)
    begin, spans = calendar.begin[retained], calendar.months[retained]
    nth = np.arange(spans.sum()) - np.repeat(np.cumsum(spans) - spans, spans)
    month_start = np.append(0, month_end[:-1] + 1)[np.repeat(month[begin], spans) + nth]
    day = np.maximum(month_start, np.repeat(begin, spans))
    retainers = _flat(RETAINER, np.repeat(retained, spans), day)

    # Who works for commission in a campaign gets the product as well.
    on_commission = np.isin(deals.basis, (ORDER, REVENUE_SHARE)) & (deals.campaign != NO_MEMBER)
    gifted = np.flatnonzero((deals.basis == GIFT) | on_commission)
    gifts = _flat(GIFT, gifted, deals.first_day[gifted])
    parts = (by_post, commission, retainers, gifts)
    return _Lines(
        np.concatenate([part.deal for part in parts]),
        np.concatenate([part.basis for part in parts]),
        np.concatenate([part.day for part in parts]),
        np.concatenate([part.units for part in parts]),
        np.concatenate([part.base for part in parts]),
    )


def _flat(basis: int, deal: NDArray[np.int64], day: NDArray[np.int64]) -> _Lines:
    """Lines of one unit each, whatever was sold."""
    one, none = np.ones(len(deal), np.int64), np.zeros(len(deal), np.int64)
    return _Lines(deal, basis * one, day, one, none)


def money(hundredths: NDArray[np.int64]) -> pa.Array:
    """Paise as rupees with two decimals."""
    return pa.array([f"{amount // 100}.{amount % 100:02d}" for amount in hundredths]).cast(
        pa.decimal128(18, 2)
    )

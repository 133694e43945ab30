"""Payouts: what each influencer agreed for each campaign, and what was paid for it."""

import numpy as np
import pandas as pd

from simulate.catalogue import PRODUCTS, pick_by_row
from simulate.settings import Settings

RATE_UNITS = {
    "post": "INR per post", "order": "INR per order", "revenue share": "% of revenue",
    "retainer": "INR per month", "gift": "",
}  # fmt: skip
TIER_BOUNDS = (10_000, 100_000, 500_000)
# One row a tier, nano to macro and mega; columns as in RATE_UNITS. Small accounts work for gifts.
BASIS_SHARES = np.array(
    [
        [0.15, 0.22, 0.20, 0.00, 0.43],
        [0.50, 0.15, 0.22, 0.05, 0.08],
        [0.68, 0.05, 0.12, 0.15, 0.00],
        [0.80, 0.00, 0.00, 0.20, 0.00],
    ]
)
FEES_OF_REVENUE = 0.42  # flat fees over the revenue of those who get them
OVERPAID_SHARE, REVERSED_SHARE = 0.03, 0.015
DEAL = ["influencer_id", "campaign"]


def simulate_payouts(
    settings: Settings, influencers: pd.DataFrame, posts: pd.DataFrame,
    tracking_data: pd.DataFrame, rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    """Draw a deal for each influencer and campaign, and settle it in one line.

    A post fee is dated on the last post, a commission on the last delivered order, a retainer or
    gift on the first post. A commission without orders has no line.

    Args:
        settings: Period of the world; its last day decides what is due and paid.
        influencers: Table of influencers.
        posts: Table of posts.
        tracking_data: Table of order lines; delivered ones earn commission.
        rng: Source of randomness of this table only.

    Returns:
        One row a payout line, in order of event date. Money is in rupees; `rate` is in rupees or,
        for a revenue share, in per cent. Rate times units is `total_payout` but for a few lines.
    """
    deals = _agree_deals(influencers, posts, _delivered_sales(influencers, tracking_data), rng)
    on_commission = deals["basis"].isin(["order", "revenue share"])
    deals = deals[~on_commission | (deals["orders"] > 0)].copy()
    basis, rate, n = deals["basis"], deals["rate"], len(deals)
    on_units = basis.isin(["post", "order", "revenue share"])
    owed = np.select(
        [basis == "post", basis == "order", basis == "retainer"],
        [rate * deals["posts"], rate * deals["orders"], rate],
        # Hundredths of a per cent of paise, rounded half up as an accountant would; a gift is 0.
        (rate * deals["revenue"] + 5_000) // 10_000,
    ).astype(np.int64)
    is_overpaid = on_units & (rng.random(n) < OVERPAID_SHARE)
    paid_on_top = np.ceil(owed * rng.uniform(0.05, 0.25, n)).astype(np.int64)
    event_date = np.select(
        [basis == "post", on_commission[deals.index]],
        [deals["last_post"], deals["last_order"]],
        deals["first_post"],
    )
    due_date = event_date + rng.choice([15, 30, 45], n).astype("timedelta64[D]")
    paid_date = due_date + rng.integers(-7, 15, n).astype("timedelta64[D]")
    last_day = np.datetime64(settings.last_day)
    is_reversed = rng.random(n) < REVERSED_SHARE
    is_paid = ~is_reversed & (paid_date <= last_day)
    status = [is_reversed, is_paid, due_date <= last_day], ["reversed", "paid", "due"]
    lines = pd.DataFrame(
        {
            **deals[[*DEAL, "basis"]],
            "rate": rate / 100,
            "rate_unit": basis.map(RATE_UNITS),
            "orders": deals["orders"].where(on_commission).astype("Int64"),
            "posts": deals["posts"].where(basis == "post").astype("Int64"),
            "total_payout": (owed + np.where(is_overpaid, paid_on_top, 0)) / 100,
            "event_date": event_date,
            "due_date": due_date,
            "paid_date": np.where(is_paid, paid_date, np.datetime64("NaT")),
            "status": np.select(*status, "accrued"),
            "product_cost": np.where(basis == "gift", 1.0, 0.4) * rng.integers(8, 33, n) * 50,
        }
    ).sort_values(["event_date", *DEAL], ignore_index=True)
    lines.insert(0, "payout_id", [f"PAY{number:05d}" for number in range(1, n + 1)])
    return lines


def _delivered_sales(influencers: pd.DataFrame, tracking_data: pd.DataFrame) -> pd.DataFrame:
    """Delivered influencer orders and revenue in paise; without a link the code names the owner."""
    is_sale = (tracking_data["source"] == "influencer") & (tracking_data["status"] == "delivered")
    sales = tracking_data[is_sale]
    owner = sales["coupon_code"].map(influencers.set_index("coupon_codes")["influencer_id"])
    linked = sales["influencer_id"]
    return sales.assign(
        influencer_id=linked.where(linked != "", owner),
        revenue=(sales["revenue"] * 100).round().astype(np.int64),
    )


def _agree_deals(
    influencers: pd.DataFrame, posts: pd.DataFrame, sales: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """One row an influencer and campaign; rates in paise or in hundredths of a per cent."""
    posted = posts.groupby(DEAL).agg(
        brand=("brand", "first"), posts=("post_id", "size"),
        first_post=("date", "min"), last_post=("date", "max"),
    )  # fmt: skip
    sold = sales.groupby(DEAL).agg(
        orders=("orders", "sum"), revenue=("revenue", "sum"), last_order=("date", "max")
    )
    deals = posted.join(sold).fillna({"orders": 0, "revenue": 0}).reset_index()
    deals = deals.astype({"orders": "int64", "revenue": "int64"})
    n = len(deals)
    followers = influencers.set_index("influencer_id")["follower_count"]
    size = followers.loc[deals["influencer_id"]].to_numpy()
    tier = np.searchsorted(TIER_BOUNDS, size, side="right")
    deals["basis"] = np.array(list(RATE_UNITS))[pick_by_row(BASIS_SHARES, tier, rng)]

    # Fees follow size, not results. Brands budget them from what influencers bring in overall,
    # so that the portfolio earns alike in a small and in a large world.
    is_flat = deals["basis"].isin(["post", "retainer"])
    weight = size**0.75 * rng.lognormal(0, 0.45, n)
    budget = FEES_OF_REVENUE * deals["revenue"][is_flat].sum() / 100
    fee = weight * budget / max((weight * deals["posts"])[is_flat].sum(), 1.0)
    fee *= np.where(deals["basis"] == "retainer", 0.9 * deals["posts"], 1.0)
    usual_price = deals["brand"].map(PRODUCTS.groupby("brand")["price"].mean())
    per_order = usual_price * rng.uniform(0.08, 0.16, n)
    rate = np.select(
        [is_flat, deals["basis"] == "order", deals["basis"] == "revenue share"],
        [np.maximum(np.round(fee / 50) * 50, 100), np.round(per_order / 10) * 10,
         rng.choice([10.0, 12.5, 15.0, 20.0], n)],
        0.0,
    )  # fmt: skip
    return deals.assign(rate=(rate * 100).astype(np.int64))

"""Order lines: what the shop sells anyway, and what buyers order after a post."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulate.catalogue import BRAND_NAMES, PRODUCTS, REGIONS, pick_by_row
from simulate.settings import Settings

INFLUENCER_SHARE = 0.18  # of all order lines
OTHER_SOURCES = {"organic_search": 0.44, "direct": 0.27, "paid_social": 0.17, "email": 0.12}
WEEKDAYS = np.array([1.00, 0.95, 0.95, 0.97, 1.00, 1.10, 1.14])  # Monday to Sunday
YEARLY_GROWTH = 0.15
# First and last day as month * 100 + day, and demand on these days.
SALES = ((120, 126, 1.5), (808, 816, 1.6), (1020, 1110, 1.7))  # Republic, Independence, Diwali
SALE_DISCOUNT = 10  # per cent, on top
MEAN_DELAY_DAYS, LONGEST_DELAY_DAYS = 5.0, 30
CODE_SHARE, CODE_ONLY_SHARE = 0.65, 0.28  # of influencer orders; of those with a code
HOME_REGION_SHARE = 0.35  # of influencer orders, from the influencer's own state
ORDERS_PER_USER, LOYAL_SHARE = 1.7, 0.45  # the loyal bought before the period
RETURNED_SHARE, REFUSED_SHARE = 0.045, 0.03


def demand_curve(settings: Settings) -> NDArray[np.float64]:
    """Demand without influencers: weekday, mild growth and sales.

    Args:
        settings: Period of the world.

    Returns:
        Shape (days,); sums to 1.
    """
    dates = pd.date_range(settings.first_day, periods=settings.days)
    growth = (1 + YEARLY_GROWTH) ** (np.arange(settings.days) / 365)
    demand = WEEKDAYS[dates.day_of_week] * growth * _sale_factor(dates)
    return np.asarray(demand / demand.sum())


def simulate_orders(
    settings: Settings, influencers: pd.DataFrame, posts: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw the order lines.

    Args:
        settings: Size and period of the world.
        influencers: Table of influencers, in order of `influencer_id`.
        posts: Table of posts; influencer orders follow them and are of the post's brand.
        rng: Source of randomness of this table only.

    Returns:
        One row an order line, in order of date. Money is in rupees with at most two decimals;
        `revenue` is after `discount`. Returns are those known on the last day.
    """
    n = settings.orders
    led = round(n * INFLUENCER_SHARE)
    post, led_day = _follow_posts(settings, influencers, posts, led, rng)
    day = np.append(led_day, rng.choice(settings.days, n - led, p=demand_curve(settings)))
    order = np.lexsort((rng.random(n), day))  # by day, influencer orders mixed in among the others
    is_led, date = order < led, pd.DatetimeIndex(np.datetime64(settings.first_day) + day[order])
    # Other orders look up the first post as well; masks keep it out of their columns.
    after = posts.iloc[np.append(post, np.zeros(n - led, dtype=np.int64))[order]]
    who = influencers.set_index("influencer_id").loc[after["influencer_id"]]
    has_code = is_led & (rng.random(n) < CODE_SHARE)
    has_link = is_led & ~(has_code & (rng.random(n) < CODE_ONLY_SHARE))

    product_shares = (PRODUCTS["share"] / 100).to_numpy()
    of_brand = product_shares * (PRODUCTS["brand"].to_numpy() == BRAND_NAMES[:, None])
    brand = pd.Index(BRAND_NAMES).get_indexer(after["brand"])
    led_product = pick_by_row(of_brand / of_brand.sum(axis=1, keepdims=True), brand, rng)
    product = np.where(is_led, led_product, rng.choice(len(PRODUCTS), n, p=product_shares))
    quantity = rng.choice([1, 2, 3], n, p=[0.84, 0.13, 0.03])
    # In paise, as whole numbers: every list price divides by 100 per cent without a remainder.
    gross = PRODUCTS["price"].to_numpy()[product] * 100 * quantity
    percent = np.where(has_code, 10, rng.choice([0, 5, 10, 15], n, p=[0.6, 0.2, 0.13, 0.07]))
    discount = gross * (percent + SALE_DISCOUNT * (_sale_factor(date) > 1)) // 100

    region = rng.choice(len(REGIONS), n, p=REGIONS["share"] / 100)
    home = pd.Index(REGIONS["region"]).get_indexer(who["home_region"])
    region = np.where(is_led & (rng.random(n) < HOME_REGION_SHARE), home, region)
    user, is_new = _pick_users(region, is_led, rng)

    fate = rng.random(n)
    returned_date = date + pd.to_timedelta(rng.integers(3, 26, n), unit="D")
    # A return after the last day has not happened yet when the export is taken.
    is_returned = (fate < RETURNED_SHARE) & (returned_date <= pd.Timestamp(settings.last_day))
    is_refused = fate > 1 - REFUSED_SHARE
    other_source = rng.choice(list(OTHER_SOURCES), n, p=list(OTHER_SOURCES.values()))
    return pd.DataFrame(
        {
            "transaction_id": [f"TXN{number:07d}" for number in range(1, n + 1)],
            "source": np.where(is_led, "influencer", other_source),
            "campaign": np.where(is_led, after["campaign"], ""),
            "influencer_id": np.where(has_link, after["influencer_id"], ""),
            "user_id": [f"USR{number:06d}" for number in user],
            "product": PRODUCTS["product"].to_numpy()[product],
            "brand": PRODUCTS["brand"].to_numpy()[product],
            "date": date,
            "orders": 1,
            "revenue": (gross - discount) / 100,
            "region": REGIONS["region"].to_numpy()[region],
            "coupon_code": np.where(has_code, who["coupon_codes"], ""),
            "discount": discount / 100,
            "status": np.select([is_returned, is_refused], ["returned", "refused"], "delivered"),
            "returned_date": returned_date.where(is_returned),
            "is_new_customer": np.where(is_new, "true", "false"),
        }
    )


def _sale_factor(dates: pd.DatetimeIndex) -> NDArray[np.float64]:
    month_day = dates.month * 100 + dates.day
    on_sale = [(first <= month_day) & (month_day <= last) for first, last, _ in SALES]
    return np.select(on_sale, [factor for _, _, factor in SALES], 1.0)


def _follow_posts(
    settings: Settings, influencers: pd.DataFrame, posts: pd.DataFrame, n: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Draw for each influencer order its post (row number) and its day (from 0)."""
    post_day = (posts["date"] - pd.Timestamp(settings.first_day)).dt.days.to_numpy()
    days_left = np.minimum(settings.days - post_day, LONGEST_DELAY_DAYS)
    in_time = 1 - np.exp(-days_left / MEAN_DELAY_DAYS)  # share of buyers before the period ends
    person = pd.Index(influencers["influencer_id"]).get_indexer(posts["influencer_id"])
    persuasion = rng.lognormal(0, 0.4, len(influencers))[person]
    weight = (posts["clicks"].to_numpy() + 1) * persuasion * in_time
    post = rng.choice(len(posts), n, p=weight / weight.sum())
    delay = -MEAN_DELAY_DAYS * np.log1p(-rng.random(n) * in_time[post])
    return post, post_day[post] + np.minimum(delay.astype(np.int64), days_left[post] - 1)


def _pick_users(
    region: NDArray[np.int64], is_led: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Draw a user of the order's region, and whether this is the user's first order ever."""
    size = np.ceil(REGIONS["share"].to_numpy() / 100 * len(region) / ORDERS_PER_USER).astype(int)
    # A region's users stand from loyal to fresh; influencers reach the fresh end more often.
    place = (rng.random(len(region)) ** np.where(is_led, 0.7, 1.4) * size[region]).astype(int)
    user = (size.cumsum() - size)[region] + place
    is_first = ~pd.Series(user).duplicated().to_numpy()
    return rng.permutation(size.sum())[user] + 1, is_first & (place >= LOYAL_SHARE * size[region])

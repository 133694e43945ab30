"""Campaigns, the influencers who take part, and the posts they publish."""

import numpy as np
import pandas as pd

from simulate.catalogue import BRAND_NAMES, BRANDS
from simulate.settings import Settings

DAYS_PER_CAMPAIGN = 60  # a brand starts about one campaign in this many days
SHORTEST_CAMPAIGN, LONGEST_CAMPAIGN = 21, 35
TEAM_SHARE = 0.14  # of all influencers, in each campaign
FIT_WEIGHT = 6.0  # how much likelier an influencer of a suitable category is chosen
FORMATS = pd.DataFrame(
    [
        ("Instagram", 0.24, "reel", 0.65, "story"),
        ("YouTube", 0.28, "video", 0.60, "short"),
        ("Twitter", 0.10, "tweet", 0.70, "thread"),
        ("Facebook", 0.09, "video", 0.50, "photo"),
    ],
    columns=["platform", "reach", "main_type", "main_share", "other_type"],
).set_index("platform")
OPENINGS = ["My honest month with", "Three things I learned about", "No shortcuts, just",
            "You asked, so here it is:", "Morning routine, now with"]  # fmt: skip


def plan_campaigns(settings: Settings, rng: np.random.Generator) -> pd.DataFrame:
    """Lay out the campaigns; those of one brand follow each other and never overlap.

    Args:
        settings: Size and period of the world.
        rng: Source of randomness.

    Returns:
        One row a campaign: campaign, brand (number in `BRANDS`), start (days after the first day)
        and length in days: three to five weeks, or the whole period where that is shorter.
    """
    slots = max(1, round(settings.days / DAYS_PER_CAMPAIGN))
    slot_days = settings.days // slots
    brand, slot = np.divmod(np.arange(len(BRANDS) * slots), slots)
    length = rng.integers(SHORTEST_CAMPAIGN, LONGEST_CAMPAIGN + 1, len(brand)).clip(max=slot_days)
    # Brands take turns within a slot, so that some campaign runs most of the time.
    turn = (brand + rng.random(len(brand))) / len(BRANDS)
    start = slot * slot_days + (turn * (slot_days - length + 1)).astype(np.int64)
    themes = [theme for _, themes in BRANDS.values() for theme in np.resize(themes, slots)]
    # The month as a number: its name would change with the user's locale.
    month = pd.Series(np.datetime64(settings.first_day) + start).dt.strftime("%Y-%m")
    name = BRAND_NAMES[brand] + " " + pd.Series(themes) + " " + month
    return pd.DataFrame({"campaign": name, "brand": brand, "start": start, "length": length})


def simulate_posts(
    settings: Settings, influencers: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw the posts of all campaigns, each inside its campaign's days.

    Args:
        settings: Size and period of the world.
        influencers: Table of influencers, in order of `influencer_id`.
        rng: Source of randomness of this table only.

    Returns:
        One row a post, in order of date. Saves are blank where the platform does not report them.
    """
    campaigns = plan_campaigns(settings, rng)
    suits = np.array([influencers["category"].isin(fitting) for fitting, _ in BRANDS.values()])
    fit = np.where(suits, FIT_WEIGHT, 1.0)[campaigns["brand"]]
    # The highest log weights plus Gumbel noise are a weighted draw without putting back.
    score = np.log(fit) + rng.gumbel(size=fit.shape)
    team_size = rng.binomial(len(influencers), TEAM_SHARE, len(campaigns)).clip(min=1)
    in_team = np.argsort(np.argsort(-score, axis=1), axis=1) < team_size[:, None]
    campaign, person = np.nonzero(in_team)

    posts_each = 1 + rng.poisson(1.2, len(person)).clip(max=4)
    campaign, person = np.repeat(campaign, posts_each), np.repeat(person, posts_each)
    start, length = campaigns["start"].to_numpy(), campaigns["length"].to_numpy()
    day = start[campaign] + rng.integers(0, length[campaign])
    order, n = np.lexsort((person, day)), len(day)
    plan = campaigns.iloc[campaign[order]].reset_index(drop=True)
    who = influencers.iloc[person[order]].reset_index(drop=True)
    how = FORMATS.loc[who["platform"]].reset_index(drop=True)

    followers = who["follower_count"].to_numpy()
    # Large accounts reach and move a smaller share of their followers.
    closeness = (followers / 30_000) ** -0.15
    reach_rate = (how["reach"] * closeness * rng.lognormal(0, 0.4, n)).clip(0.01, 1.5)
    reach = (followers * reach_rate).astype(np.int64)
    likes = rng.binomial(reach, (0.045 * closeness * rng.lognormal(0, 0.4, n)).clip(max=0.3))
    saves = pd.Series(rng.binomial(likes, 0.10)).where(who["platform"] == "Instagram")
    brand = pd.Series(BRAND_NAMES[plan["brand"]])
    post_id = pd.Series([f"POST{number:05d}" for number in range(1, n + 1)])
    is_main = rng.random(n) < how["main_share"]
    opening = rng.choice(OPENINGS, n).astype(object)
    return pd.DataFrame(
        {
            "post_id": post_id,
            "influencer_id": who["influencer_id"],
            "platform": who["platform"],
            "date": np.datetime64(settings.first_day) + day[order],
            # The reserved domain .example: no invented link may lead to a real person.
            "url": "https://" + who["platform"].str.lower() + ".example/" + post_id,
            "caption": opening + " " + brand + ". Code " + who["coupon_codes"] + " #ad #" + brand,
            "reach": reach,
            "impressions": (reach * rng.uniform(1.08, 1.6, n)).astype(np.int64),
            "likes": likes,
            "comments": rng.binomial(likes, rng.uniform(0.02, 0.06, n)),
            "shares": rng.binomial(likes, 0.08),
            "saves": saves.astype("Int64"),
            "clicks": rng.binomial(reach, (0.009 * rng.lognormal(0, 0.5, n)).clip(max=0.1)),
            "post_type": np.where(is_main, how["main_type"], how["other_type"]),
            "campaign": plan["campaign"],
            "brand": brand,
        }
    )

"""The influencers: who they are, where they live and how many follow them."""

import numpy as np
import pandas as pd
from faker import Faker

from simulate.catalogue import REGIONS
from simulate.settings import Settings

PLATFORMS = {"Instagram": 0.62, "YouTube": 0.25, "Twitter": 0.08, "Facebook": 0.05}
CATEGORIES = {
    "Fitness": 0.32, "Nutrition": 0.22, "Wellness": 0.18,
    "Lifestyle": 0.13, "Parenting": 0.09, "Beauty": 0.06,
}  # fmt: skip
WOMEN_SHARES = np.array([0.35, 0.50, 0.60, 0.60, 0.85, 0.90])  # by category
MEDIAN_FOLLOWERS, FOLLOWERS_SPREAD = 30_000, 1.7  # wide enough to fill every tier, nano to mega
REGIONAL_LANGUAGE_SHARE = 0.45


def simulate_influencers(settings: Settings, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the influencers.

    Args:
        settings: Size and period of the world.
        rng: Source of randomness of this table only.

    Returns:
        One row an influencer, in order of `influencer_id`; coupon codes and handles are unique.
    """
    n = settings.influencers
    category = rng.choice(len(CATEGORIES), n, p=list(CATEGORIES.values()))
    is_woman = rng.random(n) < WOMEN_SHARES[category]
    home = REGIONS.iloc[rng.choice(len(REGIONS), n, p=REGIONS["share"] / 100)]
    home = home.reset_index(drop=True)
    speaks_regional = rng.random(n) < REGIONAL_LANGUAGE_SHARE
    common_language = rng.choice(["Hindi", "English"], n, p=[0.6, 0.4])
    followers = MEDIAN_FOLLOWERS * rng.lognormal(0, FOLLOWERS_SPREAD, n)

    faker = Faker("en_IN")
    faker.seed_instance(int(rng.integers(2**32)))
    first = pd.Series(
        [faker.first_name_female() if woman else faker.first_name_male() for woman in is_woman]
    )
    name = first + " " + pd.Series([faker.last_name() for _ in range(n)])
    # Names hold letters only, so a number behind the letters makes codes and handles unique.
    namesakes = name.groupby(name).cumcount()
    return pd.DataFrame(
        {
            "influencer_id": [f"INF{number:04d}" for number in range(1, n + 1)],
            "name": name,
            "platform": rng.choice(list(PLATFORMS), n, p=list(PLATFORMS.values())),
            "category": np.array(list(CATEGORIES))[category],
            "gender": np.where(is_woman, "female", "male"),
            "follower_count": followers.clip(1_000, 15_000_000).astype(np.int64),
            "language": home["language"].where(speaks_regional, common_language),
            "home_region": home["region"],
            "handle": "@" + name.str.lower().str.replace(" ", "_")
            + (namesakes + 1).astype(str).where(namesakes > 0, ""),
            "coupon_codes": first.str.upper() + (10 + first.groupby(first).cumcount()).astype(str),
            "joined_date": np.datetime64(settings.first_day) - rng.integers(30, 3 * 365, n),
        }
    )  # fmt: skip

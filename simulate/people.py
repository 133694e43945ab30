"""The influencers: who they are, where they live, who follows them and what they charge."""

import unicodedata
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pyarrow as pa
from faker import Faker
from numpy.typing import NDArray

from simulate.catalogue import BRANDS, REGIONS
from simulate.randomness import Stream, generator
from simulate.settings import Platform, Settings, Tier

PLATFORMS = get_args(Platform)
PLATFORM_SHARES = (0.62, 0.25, 0.05, 0.08)
TIERS = get_args(Tier)
TIER_STARTS = (10_000, 100_000, 500_000, 1_000_000)  # followers of Micro, Mid, Macro and Mega
CATEGORIES = {
    "Fitness": 0.32, "Nutrition": 0.22, "Wellness": 0.18,
    "Lifestyle": 0.13, "Parenting": 0.09, "Beauty": 0.06,
}  # fmt: skip
WOMEN_SHARES = np.array([0.35, 0.50, 0.60, 0.60, 0.85, 0.90])  # by category
MEDIAN_FOLLOWERS, FOLLOWERS_SPREAD = 40_000, 1.8  # log-normal, wide enough to fill every tier
FEWEST_FOLLOWERS, MOST_FOLLOWERS = 1_000, 15_000_000
REGIONAL_LANGUAGE_SHARE = 0.5  # speak the language of their home; the others Hindi or English
NATIVE_SCRIPT_SHARE = 0.05  # of those for whose language Faker has names
NATIVE_SCRIPTS = {
    "Hindi": "hi_IN", "Marathi": "mr_IN", "Tamil": "ta_IN", "Gujarati": "gu_IN", "Odia": "or_IN",
}  # fmt: skip
LANGUAGE_PULL, HINDI_PULL, HOME_PULL = 6.0, 0.4, 2.0  # how an audience leans to regions
RATE_POWER, RATE_SPREAD = 0.65, 0.45  # fee per post against followers


@dataclass(frozen=True)
class Influencers:
    """The influencers, n of them; all arrays have the shape (n,) unless said otherwise.

    Attributes:
        influencer_id: Unique.
        name: Display name, some in the script of their language.
        handle: Unique, in Latin letters.
        code: Coupon code, unique.
        platform: Row numbers in `PLATFORMS`.
        category: Names.
        gender: `female` or `male`.
        language: Language of the posts.
        home: Row numbers in `REGIONS`.
        followers: Number of followers.
        tier: Row numbers in `TIERS`.
        joined: Dates.
        audience: Shape (n, regions); part of the audience in each region, rows sum to 1.
        suits: Shape (n, brands); whether the category suits the brand.
        rate_weight: What a post costs, in units that `payouts` turns into rupees.
    """

    influencer_id: NDArray[np.object_]
    name: NDArray[np.object_]
    handle: NDArray[np.object_]
    code: NDArray[np.object_]
    platform: NDArray[np.int64]
    category: NDArray[np.object_]
    gender: NDArray[np.object_]
    language: NDArray[np.object_]
    home: NDArray[np.int64]
    followers: NDArray[np.int64]
    tier: NDArray[np.int64]
    joined: NDArray[np.datetime64]
    audience: NDArray[np.float64]
    suits: NDArray[np.bool_]
    rate_weight: NDArray[np.float64]

    @property
    def persona(self) -> NDArray[np.object_]:
        """Shape (n,); `<Tier>-<Category>`."""
        return np.asarray(np.array(TIERS, dtype=object)[self.tier] + "-" + self.category)

    def table(self) -> pa.Table:
        """The export `influencers`."""
        return pa.table(
            {
                "influencer_id": self.influencer_id,
                "name": self.name,
                "platform": np.array(PLATFORMS, dtype=object)[self.platform],
                "category": self.category,
                "gender": self.gender,
                "follower_count": self.followers,
                "language": self.language,
                "home_region": REGIONS.region[self.home],
                "handle": self.handle,
                "coupon_codes": self.code,
                "joined_date": self.joined,
            }
        )


def simulate_influencers(settings: Settings) -> Influencers:
    """Draw the influencers.

    Args:
        settings: Seed and size of the world.

    Returns:
        The influencers, in order of `influencer_id`.
    """
    rng = generator(settings.seed, Stream.PEOPLE)
    n = settings.influencers
    category = rng.choice(len(CATEGORIES), n, p=list(CATEGORIES.values()))
    is_woman = rng.random(n) < WOMEN_SHARES[category]
    home = rng.choice(len(REGIONS.share), n, p=REGIONS.share)
    speaks_regional = rng.random(n) < REGIONAL_LANGUAGE_SHARE
    common = np.array(["Hindi", "English"], dtype=object)[rng.choice(2, n, p=[0.6, 0.4])]
    language = np.where(speaks_regional, REGIONS.language[home], common)
    spread = rng.lognormal(0, FOLLOWERS_SPREAD, n)
    followers = (MEDIAN_FOLLOWERS * spread).clip(FEWEST_FOLLOWERS, MOST_FOLLOWERS).astype(np.int64)
    platform = rng.choice(len(PLATFORMS), n, p=PLATFORM_SHARES)
    categories = np.array(list(CATEGORIES), dtype=object)[category]

    faker = Faker("en_IN")
    faker.seed_instance(int(rng.integers(2**32)))
    first = np.array(
        [faker.first_name_female() if woman else faker.first_name_male() for woman in is_woman],
        dtype=object,
    )
    latin = first + " " + np.array([faker.last_name() for _ in range(n)], dtype=object)
    return Influencers(
        influencer_id=numbered("INF", n, 4),
        name=_native_names(latin, language, is_woman, rng),
        handle=_unique([f"@{_letters(name)}" for name in latin], "", 1),
        code=_unique([_letters(name).upper() for name in first], "10", 10),
        platform=platform,
        category=categories,
        gender=np.where(is_woman, "female", "male").astype(object),
        language=language,
        home=home,
        followers=followers,
        tier=np.searchsorted(TIER_STARTS, followers, side="right"),
        joined=np.datetime64(settings.start) - rng.integers(30, 3 * 365, n),
        audience=_audience(language, home),
        suits=np.stack([np.isin(categories, brand.suits) for brand in BRANDS], axis=1),
        rate_weight=followers**RATE_POWER * rng.lognormal(0, RATE_SPREAD, n),
    )


def numbered(prefix: str, n: int, digits: int) -> NDArray[np.object_]:
    """Keys such as `INF0001`, in order.

    Args:
        prefix: Letters before the number.
        n: How many.
        digits: Width of the number, with leading zeros.

    Returns:
        Shape (n,).
    """
    return np.array([f"{prefix}{number:0{digits}d}" for number in range(1, n + 1)], dtype=object)


def _letters(name: str) -> str:
    """A name in small letters without accents, parts joined by an underscore: D’Alia is dalia."""
    plain = unicodedata.normalize("NFKD", name.lower()).replace(" ", "_")
    return "".join(letter for letter in plain if letter == "_" or "a" <= letter <= "z")


def _unique(names: list[str], first: str, number: int) -> NDArray[np.object_]:
    """Names made unique: `first` behind the first of namesakes, numbers behind the others.

    Names hold no digits, so that no two results are the same.
    """
    seen: dict[str, int] = {}
    results = []
    for name in names:
        before = seen.get(name, 0)
        seen[name] = before + 1
        results.append(name + (str(number + before) if before else first))
    return np.array(results, dtype=object)


def _native_names(
    latin: NDArray[np.object_],
    language: NDArray[np.object_],
    is_woman: NDArray[np.bool_],
    rng: np.random.Generator,
) -> NDArray[np.object_]:
    """Display names: some of those who post in a regional language write theirs in its script."""
    names = latin.copy()
    in_script = rng.random(len(latin)) < NATIVE_SCRIPT_SHARE
    for tongue, locale in NATIVE_SCRIPTS.items():
        rows = np.flatnonzero(in_script & (language == tongue))
        seed = int(rng.integers(2**32))
        if len(rows):
            faker = Faker(locale)
            faker.seed_instance(seed)
            names[rows] = [
                f"{faker.first_name_female() if is_woman[row] else faker.first_name_male()}"
                f" {faker.last_name()}"
                for row in rows
            ]
    return names


def _audience(language: NDArray[np.object_], home: NDArray[np.int64]) -> NDArray[np.float64]:
    """Audience over regions: those who understand the language, more of them at home."""
    same = language[:, None] == REGIONS.language
    # Hindi is understood beyond the states where it is official, English about everywhere.
    pull = np.select(
        [same, (language == "English")[:, None], (language == "Hindi")[:, None]],
        [LANGUAGE_PULL, 1.0, HINDI_PULL * LANGUAGE_PULL],
        0.25,
    )
    at_home = home[:, None] == np.arange(len(REGIONS.share))
    audience = REGIONS.share * pull * np.where(at_home, HOME_PULL, 1.0)
    return np.asarray(audience / audience.sum(axis=1, keepdims=True))

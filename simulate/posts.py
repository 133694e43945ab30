"""Posts of campaigns and, in between, of influencers who are always on."""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulate.campaigns import Campaigns, choose_team
from simulate.catalogue import BRAND_NAMES, BRAND_SHARES, NO_MEMBER
from simulate.people import PLATFORMS, Influencers, numbered
from simulate.randomness import Stream, generator
from simulate.settings import Settings

# By platform, in the order of PLATFORMS: reach over followers, formats and the share of the first.
REACH_RATE = np.array([0.24, 0.28, 0.09, 0.10])
MAIN_FORMAT = np.array(["reel", "video", "video", "tweet"], dtype=object)
OTHER_FORMAT = np.array(["story", "short", "photo", "thread"], dtype=object)
MAIN_SHARE = np.array([0.65, 0.60, 0.50, 0.70])
SIZE_POWER = -0.15  # reach and engagement rates fall with followers
USUAL_FOLLOWERS = 30_000  # at which the rates above hold
ENGAGEMENT_RATE = 0.045  # likes over reach
OPENINGS = np.array(
    [
        "My honest month with", "Three things I learned about", "No shortcuts, just",
        "You asked, so here it is:", "Morning routine, now with", "पूरा महीना इसी के साथ:",
    ],
    dtype=object,
)  # fmt: skip


@dataclass(frozen=True)
class Posts:
    """Posts in order of day, n of them; all arrays have the shape (n,).

    Attributes:
        post_id: Unique.
        influencer: Row numbers of influencers.
        campaign: Row numbers of campaigns, -1 for none.
        brand: Row numbers in `BRANDS`.
        day: Days since the world's first day.
        reach: People who saw it.
        impressions: Times it was shown.
        likes: Number of likes.
        comments: Number of comments.
        shares: Number of shares.
        saves: Number of saves; only Instagram tells.
        clicks: Clicks on the link.
        post_type: Format.
        caption: Text.
    """

    post_id: NDArray[np.object_]
    influencer: NDArray[np.int64]
    campaign: NDArray[np.int64]
    brand: NDArray[np.int64]
    day: NDArray[np.int64]
    reach: NDArray[np.int64]
    impressions: NDArray[np.int64]
    likes: NDArray[np.int64]
    comments: NDArray[np.int64]
    shares: NDArray[np.int64]
    saves: NDArray[np.int64]
    clicks: NDArray[np.int64]
    post_type: NDArray[np.object_]
    caption: NDArray[np.object_]

    def table(
        self, influencers: Influencers, campaigns: Campaigns, first_day: np.datetime64
    ) -> pa.Table:
        """The export `posts`."""
        platform = np.array(PLATFORMS, dtype=object)[influencers.platform[self.influencer]]
        lower = np.array([name.lower() for name in PLATFORMS], dtype=object)
        campaign = campaigns.ids(self.campaign)
        return pa.table(
            {
                "post_id": pa.array(self.post_id, pa.string()),
                "influencer_id": pa.array(influencers.influencer_id[self.influencer], pa.string()),
                "platform": pa.array(platform, pa.string()),
                "date": first_day + self.day,
                # The reserved domain .example: no invented link may lead to a real person.
                "url": pa.array(
                    "https://" + lower[influencers.platform[self.influencer]] + ".example/"
                    + self.post_id,
                    pa.string(),
                ),
                "caption": pa.array(self.caption, pa.string()),
                "reach": self.reach,
                "impressions": self.impressions,
                "likes": self.likes,
                "comments": self.comments,
                "shares": self.shares,
                "saves": pa.array(self.saves, mask=platform != "Instagram"),
                "clicks": self.clicks,
                "post_type": pa.array(self.post_type, pa.string()),
                "campaign": pa.array(campaign, pa.string()),
                "brand": pa.array(BRAND_NAMES[self.brand], pa.string()),
            }
        )  # fmt: skip


def simulate_posts(settings: Settings, influencers: Influencers, campaigns: Campaigns) -> Posts:
    """Draw the posts.

    Args:
        settings: Seed, period, posts for each influencer and campaign.
        influencers: The influencers.
        campaigns: The campaigns; their posts lie inside their windows.

    Returns:
        The posts.
    """
    rng = generator(settings.seed, Stream.POSTS)
    return make_posts(influencers, _plan(settings, influencers, campaigns, rng), rng)


def make_posts(
    influencers: Influencers,
    planned: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    rng: np.random.Generator,
) -> Posts:
    """Draw what becomes of posts of which author and day are settled.

    Args:
        influencers: The influencers.
        planned: Influencer, campaign, brand and day of each post.
        rng: Source of randomness.

    Returns:
        The posts.
    """
    influencer, campaign, brand, day = planned
    order = np.lexsort((campaign, influencer, day))
    influencer, campaign, brand, day = (
        column[order] for column in (influencer, campaign, brand, day)
    )
    n = len(day)
    followers, platform = influencers.followers[influencer], influencers.platform[influencer]
    closeness = (followers / USUAL_FOLLOWERS) ** SIZE_POWER
    reach_rate = (REACH_RATE[platform] * closeness * rng.lognormal(0, 0.4, n)).clip(0.01, 1.5)
    reach = (followers * reach_rate).astype(np.int64)
    engagement = (ENGAGEMENT_RATE * closeness * rng.lognormal(0, 0.4, n)).clip(max=0.3)
    likes = rng.binomial(reach, engagement)
    is_main = rng.random(n) < MAIN_SHARE[platform]
    opening = OPENINGS[rng.integers(0, len(OPENINGS), n)]
    name = BRAND_NAMES[brand]
    return Posts(
        post_id=numbered("POST", n, 5),
        influencer=influencer,
        campaign=campaign,
        brand=brand,
        day=day,
        reach=reach,
        impressions=(reach * rng.uniform(1.08, 1.6, n)).astype(np.int64),
        likes=likes,
        comments=rng.binomial(likes, rng.uniform(0.02, 0.06, n)),
        shares=rng.binomial(likes, 0.08),
        saves=rng.binomial(likes, 0.10),
        clicks=rng.binomial(reach, (0.009 * rng.lognormal(0, 0.5, n)).clip(max=0.1)),
        post_type=np.where(is_main, MAIN_FORMAT[platform], OTHER_FORMAT[platform]),
        caption=opening + " " + name + ". Code " + influencers.code[influencer] + " #ad #" + name,
    )


def numbered_by_day(posts: Posts) -> Posts:
    """The same posts in order of day, with keys in that order."""
    order = np.lexsort((posts.campaign, posts.influencer, posts.day))
    columns = {one.name: getattr(posts, one.name)[order] for one in fields(Posts)}
    return Posts(**(columns | {"post_id": numbered("POST", len(order), 5)}))


def _plan(
    settings: Settings, influencers: Influencers, campaigns: Campaigns, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Influencer, campaign, brand and day of each post."""
    casting = generator(settings.seed, Stream.TEAMS)
    teams = [choose_team(campaign, influencers, settings, casting) for campaign in campaigns.plan]
    sizes = [len(team) for team in teams]
    person = np.concatenate([*teams, np.array([], dtype=np.int64)])
    campaign = np.repeat(np.arange(len(teams)), sizes)
    each = 1 + rng.poisson(settings.campaigns.posts_each - 1, len(person))
    person, campaign = np.repeat(person, each), np.repeat(campaign, each)
    start = np.array([plan.start for plan in campaigns.plan], dtype=np.int64)[campaign]
    days = np.array([plan.days for plan in campaigns.plan], dtype=np.int64)[campaign]
    brand = np.array([plan.brand for plan in campaigns.plan], dtype=np.int64)[campaign]
    day = start + (rng.random(len(person)) * days).astype(np.int64)

    share = settings.campaigns.always_on_share
    extra = round(len(person) * share / (1 - share))
    fan = rng.integers(0, settings.influencers, extra)
    fan_brand = rng.choice(len(BRAND_SHARES), extra, p=BRAND_SHARES)
    fan_day = rng.integers(0, settings.days, extra)
    return (
        np.append(person, fan),
        np.append(campaign, np.full(extra, NO_MEMBER)),
        np.append(brand, fan_brand),
        np.append(day, fan_day),
    )

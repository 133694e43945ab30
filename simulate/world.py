"""The whole world: four tables that hang together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulate.orders import simulate_orders
from simulate.payouts import simulate_payouts
from simulate.people import simulate_influencers
from simulate.posts import simulate_posts
from simulate.settings import Settings


@dataclass(frozen=True)
class World:
    """The raw tables; field names are the names of the files.

    Attributes:
        influencers: One row an influencer.
        posts: One row a post.
        tracking_data: One row an order line.
        payouts: One row a payout line.
    """

    influencers: pd.DataFrame
    posts: pd.DataFrame
    tracking_data: pd.DataFrame
    payouts: pd.DataFrame


def build_world(settings: Settings) -> World:
    """Simulate all tables.

    Each table draws from a generator of its own, so that a change to how one table is drawn does
    not shift the numbers of another.

    Args:
        settings: Seed, size and period.

    Returns:
        The four tables, the same for the same settings.
    """
    seeds = np.random.SeedSequence(settings.seed).spawn(4)
    people, posting, ordering, paying = (np.random.default_rng(seed) for seed in seeds)
    influencers = simulate_influencers(settings, people)
    posts = simulate_posts(settings, influencers, posting)
    tracking_data = simulate_orders(settings, influencers, posts, ordering)
    payouts = simulate_payouts(settings, influencers, posts, tracking_data, paying)
    return World(influencers, posts, tracking_data, payouts)

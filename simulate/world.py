"""The whole world: made from its settings, and written as exports and truth."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from simulate.campaigns import Campaigns, simulate_campaigns
from simulate.catalogue import BRAND_NAMES, PRODUCTS, REGIONS
from simulate.demand import Baseline, simulate_baseline
from simulate.effect import Response, simulate_response
from simulate.orders import OrderLines
from simulate.payouts import simulate_payouts
from simulate.people import Influencers, simulate_influencers
from simulate.plan import Plan, make_plan
from simulate.posts import Posts, simulate_posts
from simulate.settings import Settings
from simulate.truth import write_truth
from simulate.write import RAW_TABLES, Folder, Format, Writer, staged, stream

CHUNK_ORDERS = 1 << 16
TRUTH_TABLES = (
    "orders", "posts", "region_days", "influencer_campaigns", "influencers", "personas",
    "campaigns", "portfolio", "experiment_days", "experiments",
)  # fmt: skip
TRACKING_DATA = """
    select
        'TXN' || (1000000000 + number) as transaction_id,
        source, campaign, influencer_id,
        region_code || (10000000 + customer) as user_id,
        product, brand, date, 1 as orders, revenue, region, coupon_code, discount, status,
        returned_date, is_new_customer,
    from source_rows
"""


@dataclass(frozen=True)
class World:
    """All that is settled before order lines are drawn.

    Attributes:
        settings: What the world is like.
        influencers: Who posts.
        campaigns: For whom and where.
        posts: What they posted.
        baseline: Demand without them.
        response: What posts do.
        plan: How many orders of which kind there are.
    """

    settings: Settings
    influencers: Influencers
    campaigns: Campaigns
    posts: Posts
    baseline: Baseline
    response: Response
    plan: Plan

    def order_lines(self, chunk_orders: int = CHUNK_ORDERS) -> OrderLines:
        """The order lines, still to be made.

        Args:
            chunk_orders: How many are made at a time.

        Returns:
            Their maker.
        """
        return OrderLines(
            self.settings, self.influencers, self.campaigns, self.posts, self.plan, chunk_orders
        )


def simulate_world(settings: Settings) -> World:
    """Settle everything but the order lines.

    Args:
        settings: What the world is like; the same settings make the same world.

    Returns:
        The world.
    """
    influencers = simulate_influencers(settings)
    campaigns = simulate_campaigns(settings)
    posts = simulate_posts(settings, influencers, campaigns)
    baseline = simulate_baseline(settings)
    response = simulate_response(settings, influencers, campaigns, posts, baseline)
    plan = make_plan(posts, baseline, response)
    return World(settings, influencers, campaigns, posts, baseline, response, plan)


def write_world(
    settings: Settings,
    out: Path,
    truth: Path,
    ending: Format = "csv",
    chunk_orders: int = CHUNK_ORDERS,
    threads: int | None = None,
) -> list[str]:
    """Make a world and write its exports and its truth.

    Files appear in their places when all are complete; those that the simulator wrote there
    before are replaced.

    Args:
        settings: What the world is like.
        out: Folder of the exports, made if missing.
        truth: Folder of the truth, made if missing.
        ending: Format of all files.
        chunk_orders: Orders made at a time; changes no byte.
        threads: Threads that write; None takes what the machine has. Changes no byte.

    Returns:
        One line a file for the user.

    Raises:
        OSError: If a folder or file cannot be written.
        NotOursError: If a file of somebody else is in the way.
    """
    exports, truths = Folder(out), Folder(truth)
    exports.check(RAW_TABLES)
    truths.check(TRUTH_TABLES)
    with staged(exports, truths):
        _write_files(settings, exports, truths, Writer(ending, threads), chunk_orders)
        return exports.publish() + truths.publish()


def _write_files(
    settings: Settings, exports: Folder, truths: Folder, writer: Writer, chunk_orders: int
) -> None:
    world = simulate_world(settings)
    lines = world.order_lines(chunk_orders)
    first_day = np.datetime64(settings.start)
    with tqdm(
        total=2 * world.plan.placed, delay=2, unit=" orders", unit_scale=0.5, desc="simulate"
    ) as progress:

        def told(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                yield batch
                progress.update(batch.num_rows)

        writer.write(exports, "tracking_data", stream(told(lines.chunks())), TRACKING_DATA)
        payouts = simulate_payouts(
            settings, world.influencers, world.campaigns, world.posts, world.plan, lines.sales
        )
        write_truth(
            writer, truths, settings, world.influencers, world.campaigns, world.posts,
            world.baseline, world.plan, lines, payouts, told(lines.truths()),
        )  # fmt: skip
    tables = {
        "influencers": world.influencers.table(),
        "posts": world.posts.table(world.influencers, world.campaigns, first_day),
        "payouts": payouts.table,
        "campaigns": world.campaigns.table(first_day),
        "campaign_regions": world.campaigns.regions_table(),
        "regions": regions_table(),
        "products": products_table(),
    }
    for name, table in tables.items():
        writer.write(exports, name, table)


def regions_table() -> pa.Table:
    """The export `regions`."""
    return pa.table(
        {
            "region": pa.array(REGIONS.region, pa.string()),
            "population": REGIONS.population,
            "language": pa.array(REGIONS.language, pa.string()),
        }
    )


def products_table() -> pa.Table:
    """The export `products`."""
    return pa.table(
        {
            "product": pa.array(PRODUCTS.product, pa.string()),
            "brand": pa.array(BRAND_NAMES[PRODUCTS.brand], pa.string()),
            "list_price": PRODUCTS.list_price,
            "unit_cost": PRODUCTS.unit_cost,
        }
    )

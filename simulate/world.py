"""The whole world: made from its settings, and written as exports and truth."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from tqdm import tqdm

from simulate.campaigns import Campaigns, simulate_campaigns
from simulate.catalogue import BRAND_NAMES, PRODUCTS, REGIONS
from simulate.demand import Baseline, simulate_baseline
from simulate.effect import Response, simulate_response
from simulate.mess import DAMAGES, damage_list, damaged, write_stray_bytes
from simulate.orders import OrderLines
from simulate.payouts import Payouts, simulate_payouts
from simulate.people import Influencers, simulate_influencers
from simulate.plan import Plan, make_plan
from simulate.planned import Planned, read_planned, with_planned_payouts, with_planned_posts
from simulate.posts import Posts, simulate_posts
from simulate.settings import Settings
from simulate.systems import (
    System,
    SystemsError,
    influencer_keys,
    report_files,
    shopify_select,
    tables_of,
)
from simulate.truth import write_truth
from simulate.write import (
    RAW_TABLES,
    Folder,
    Format,
    Writer,
    run_interruptibly,
    staged,
    stream,
    undisturbed,
)

CHUNK_ORDERS = 1 << 16
TRUTH_TABLES = (
    "orders", "posts", "region_days", "influencer_campaigns", "influencers", "personas",
    "campaigns", "portfolio", "experiment_days", "experiments", "response_curves", "mess",
    "settings",
)  # fmt: skip
TRACKING_DATA = """
    select
        number,
        'TXN' || (1000000000 + number) as transaction_id,
        source, campaign, influencer_id,
        region_code || (10000000 + customer) as user_id,
        product, brand, date, 1 as orders, revenue, region, coupon_code, discount, status,
        returned_date, is_new_customer,
    from source_rows
"""
CLEAN = "select * from source_rows"


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
        planned: Campaigns that were planned elsewhere, if any.
    """

    settings: Settings
    influencers: Influencers
    campaigns: Campaigns
    posts: Posts
    baseline: Baseline
    response: Response
    plan: Plan
    planned: Planned | None = None

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


def simulate_world(settings: Settings, planned: Planned | None = None) -> World:
    """Settle everything but the order lines.

    Args:
        settings: What the world is like; the same settings make the same world.
        planned: Campaigns that come on top of those that the world lays out.

    Returns:
        The world.
    """
    influencers = simulate_influencers(settings)
    campaigns = simulate_campaigns(settings)
    posts = simulate_posts(settings, influencers, campaigns)
    if planned is not None:
        first = len(campaigns.plan)
        campaigns = planned.added_to(campaigns)
        posts = with_planned_posts(settings, influencers, planned, posts, first)
    baseline = simulate_baseline(settings)
    response = simulate_response(settings, influencers, campaigns, posts, baseline)
    plan = make_plan(posts, baseline, response)
    return World(settings, influencers, campaigns, posts, baseline, response, plan, planned)


def write_world(
    settings: Settings,
    out: Path,
    truth: Path,
    ending: Format = "csv",
    chunk_orders: int = CHUNK_ORDERS,
    threads: int | None = None,
    systems: Sequence[str] = (),
    planned: Path | None = None,
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
        systems: Systems whose raw reports stand in the place of Helios' own tables.
        planned: Folder of campaigns that were planned elsewhere, as the viewer exports them.

    Returns:
        One line a file for the user.

    Raises:
        OSError: If a folder or file cannot be written.
        NotOursError: If a file of somebody else is in the way.
        SystemsError: If reports of systems are asked for in Parquet, or damaged.
        PlannedError: If a planned campaign does not fit into the world.
    """
    if systems and (settings.mess or ending != "csv"):
        raise SystemsError("reports of systems are CSV and clean: leave out --mess and --format")
    exports, truths = Folder(out), Folder(truth)
    exports.check((*RAW_TABLES, "influencer_keys", "test_plans", *report_files()))
    truths.check(TRUTH_TABLES)
    tests = read_planned(planned, settings) if planned else None
    with staged(exports, truths):
        writer = Writer(ending, threads)
        run_interruptibly(
            lambda: _write_files(
                settings, tests, exports, truths, writer, chunk_orders, tables_of(systems)
            ),
            writer.stop,
        )
        with undisturbed():
            return exports.publish() + truths.publish()


def _write_files(
    settings: Settings,
    planned: Planned | None,
    exports: Folder,
    truths: Folder,
    writer: Writer,
    chunk_orders: int,
    systems: Mapping[str, System],
) -> None:
    world = simulate_world(settings, planned)
    lines = world.order_lines(chunk_orders)
    first_day = np.datetime64(settings.start)
    passes = 4 if settings.mess else 2  # over the order lines: each file of theirs is one
    with tqdm(
        total=passes * world.plan.placed,
        delay=2,
        unit=" orders",
        unit_scale=1 / passes,
        desc="simulate",
    ) as progress:

        def told(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                yield batch
                progress.update(batch.num_rows)

        _write_orders(settings, exports, truths, writer, lines, told, systems)
        payouts = _payouts(world, lines)
        write_truth(
            writer, truths, settings, world.influencers, world.campaigns, world.posts,
            world.baseline, world.plan, lines, payouts, told(lines.truths()),
        )  # fmt: skip
    writer.write(truths, "settings", settings_table(settings))
    tables = {
        "influencers": world.influencers.table(),
        "posts": world.posts.table(world.influencers, world.campaigns, first_day),
        "payouts": payouts.table,
        "campaigns": world.campaigns.table(first_day),
        "campaign_regions": world.campaigns.regions_table(),
        "regions": regions_table(),
        "products": products_table(),
    }
    if world.planned is not None and world.planned.test_plans is not None:
        tables["test_plans"] = world.planned.test_plans
    if systems:
        people = world.influencers
        tables["influencer_keys"] = influencer_keys(people.influencer_id, people.handle)
    of_rows = {"posts": world.posts.influencer, "payouts": payouts.influencer}
    for name, table in tables.items():
        if name in systems:
            _write_reports(exports, writer, systems[name], table, world.influencers, of_rows[name])
        elif settings.mess and name in DAMAGES:
            rows = table.add_column(0, "number", pa.array(np.arange(len(table))))
            writer.write(exports, name, rows, damaged(name, CLEAN, settings))
            writer.write(truths, f"mess/{name}", rows, damage_list(name, CLEAN, settings))
            if writer.ending == "csv":
                write_stray_bytes(exports.stage / f"{name}.csv")
        else:
            writer.write(exports, name, table)


def _payouts(world: World, lines: OrderLines) -> Payouts:
    known = (world.campaigns, world.posts, world.plan, lines.sales)
    if world.planned is None:
        return simulate_payouts(world.settings, world.influencers, *known)
    return with_planned_payouts(world.settings, world.influencers, world.planned, *known)


def _write_reports(
    exports: Folder,
    writer: Writer,
    system: System,
    table: pa.Table,
    influencers: Influencers,
    of_rows: NDArray[np.int64],
) -> None:
    """Write a system's reports of a table, and what it does not hold as Helios' own."""
    text = pa.string()
    rows = table.append_column("name", pa.array(influencers.name[of_rows], text))
    rows = rows.append_column("handle", pa.array(influencers.handle[of_rows], text))
    for report in system.reports:
        writer.write(exports, report.file, rows, report.select)
    if system.rest is not None:
        writer.write(exports, system.table, rows, system.rest)


def _write_orders(
    settings: Settings,
    exports: Folder,
    truths: Folder,
    writer: Writer,
    lines: OrderLines,
    told: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]],
    systems: Mapping[str, System],
) -> None:
    """Write the order lines; messy ones as two files, and what was done to them as a third."""
    name = "tracking_data"
    clean = f"select * exclude (number) from ({TRACKING_DATA})"
    files = [(exports, name, clean)]
    if name in systems:
        [report] = systems[name].reports
        files = [(exports, report.file, shopify_select(TRACKING_DATA))]
    if settings.mess:
        # With several threads, where DuckDB cuts what it filters depends on their number.
        writer.connection.execute("set threads = 1")
        files = [
            (exports, f"{name}/orders", damaged(name, TRACKING_DATA, settings)),
            (exports, f"{name}/late", damaged(name, TRACKING_DATA, settings, late=True)),
            (truths, f"mess/{name}", damage_list(name, TRACKING_DATA, settings)),
        ]
    for folder, file, query in files:
        writer.write(folder, file, stream(told(lines.chunks())), query)


def settings_table(settings: Settings) -> pa.Table:
    """What the world was made from, by dotted name; values as in JSON."""
    rows = dict(_dotted(settings.model_dump(mode="json")))
    return pa.table(
        {"setting": list(rows), "value": [json.dumps(value) for value in rows.values()]}
    )


def _dotted(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _dotted(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


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

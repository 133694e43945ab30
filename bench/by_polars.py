"""The same in Polars' streaming engine: `python -m bench.by_polars RAW OUT`.

Makes what bench/by_hand.sql makes, from the same files, by the same steps, and leaves out the same.
POLARS_MAX_THREADS says how many threads it may use; it has no limit of memory to set.
"""

from pathlib import Path

import polars as pl

from bench.by_hand import REFERENCE, files_of, folders

NONE = "(none)"
WINDOW_DAYS = 30
BACK = ("returned", "refused", "cancelled")
OCCASION = ("influencer_id", "brand", "order_date")
PANEL = ("order_date", "region", "channel", "influencer_id", "campaign_id", "brand")
MONEY = ("gross_revenue", "discounts", "refunds", "revenue")
# Null where no row has a value, not 0.
KNOWN = (
    "orders_of_known_customers",
    "new_customer_orders",
    "revenue_of_known_cost",
    "cost_of_goods",
)
SUMS = ("orders", *MONEY, *KNOWN)


def filled(cell: str) -> pl.Expr:
    """A cell as text without blanks around it, null where it is empty."""
    text = pl.col(cell).cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text)


def key_of(cell: pl.Expr) -> pl.Expr:
    """How names are compared."""
    return cell.str.to_lowercase().str.replace_all("[-_./& +'’‘`\"]", "")


def account_of(cell: pl.Expr) -> pl.Expr:
    """How accounts are compared."""
    return cell.str.to_lowercase().str.replace("^.*/", "").str.replace("^[@ ]+", "")


def as_date(rows: pl.LazyFrame, column: str) -> pl.Expr:
    """A day, typed or ISO text."""
    if rows.collect_schema()[column] == pl.String:
        return pl.col(column).str.strip_chars().str.to_date("%Y-%m-%d", strict=False)
    return pl.col(column).cast(pl.Date)


def as_money(column: str) -> pl.Expr:
    """An amount, typed or text."""
    return pl.col(column).cast(pl.Decimal(18, 2), strict=False)


def is_likely(day: pl.Expr) -> pl.Expr:
    """Whether a day can be one of the business."""
    return day.is_between(pl.date(2000, 1, 1), pl.date(2099, 12, 31))


def scan(raw: Path, table: str) -> pl.LazyFrame:
    """Rows of a raw table with the number of their file and theirs in it."""
    return pl.concat(
        (
            pl.scan_parquet(path, row_index_name="record_number").with_columns(
                pl.lit(number).alias("file_number")
            )
            for number, path in enumerate(files_of(raw, table))
        ),
        how="vertical_relaxed",
    )


def cells(column: str, *tables: pl.LazyFrame) -> pl.LazyFrame:
    """Every different filled cell of a column."""
    every = pl.concat(table.select(written=column).unique() for table in tables).unique()
    return every.filter(filled("written").is_not_null())


class Names:
    """What cells mean: small tables, each with the cells as they are written.

    Attributes:
        influencers: Of cells with an id or an account.
        coupons: Of cells with codes of one influencer.
        campaigns: Of cells with an id or a name.
        brands: Of cells with a brand.
        products: Of cells with a product, with brand and cost if only one brand sells it.
        costs: Of products that several brands sell.
        regions: Of cells with a region.
        channels: Of sources.
        statuses: Of orders.
        planned: The table of campaigns.
    """

    def __init__(self, raw: Path) -> None:
        """Understand all cells of a folder."""
        self.orders = scan(raw, "tracking_data")
        self.posts = scan(raw, "posts")
        self.payouts = scan(raw, "payouts")
        self._name_influencers(scan(raw, "influencers"))
        self._name_campaigns(scan(raw, "campaigns"))
        self._name_products(scan(raw, "products"))
        self._name_the_rest(scan(raw, "regions"))

    def _name_influencers(self, listed: pl.LazyFrame) -> None:
        known = (
            listed.filter(filled("influencer_id").is_not_null())
            .group_by(id_key=pl.col("influencer_id").str.to_lowercase())
            .agg(
                pl.col("influencer_id").min(),
                account_of(pl.col("handle")).min().alias("account"),
                pl.col("coupon_codes").str.join(" "),
            )
        )
        accounts = (
            known.group_by("account")
            .agg(pl.col("influencer_id").min().alias("by_account"), pl.len())
            .filter(pl.col("len") == 1)
        )
        text = pl.col("written").str.strip_chars()
        self.influencers = (
            cells("influencer_id", self.orders, self.posts, self.payouts)
            .with_columns(id_key=text.str.to_lowercase(), account=account_of(text))
            .join(known.select("id_key", "influencer_id"), on="id_key", how="left")
            .join(accounts, on="account", how="left")
            .select("written", pl.coalesce("influencer_id", "by_account").alias("found_influencer"))
            .collect()
        )

        def codes_of(cell: str) -> pl.Expr:
            return pl.col(cell).str.to_uppercase().str.replace_all("[,;|/:#]", " ").str.split(" ")

        owned = known.select("influencer_id", code=codes_of("coupon_codes")).explode("code")
        self.coupons = (
            cells("coupon_code", self.orders)
            .with_columns(code=codes_of("written"))
            .explode("code")
            .filter(pl.col("code") != "")
            .join(owned.unique(), on="code")
            .group_by("written")
            .agg(owner=pl.col("influencer_id").min(), owners=pl.col("influencer_id").n_unique())
            .filter(pl.col("owners") == 1)
            .select("written", "owner")
            .collect()
        )

    def _name_campaigns(self, listed: pl.LazyFrame) -> None:
        cooldown = pl.col("cooldown_days").cast(pl.Int64, strict=False)
        first, last = pl.col("start_date"), pl.col("end_date")
        self.planned = (
            listed.with_columns(
                campaign_id=filled("campaign_id"),
                start_date=as_date(listed, "start_date"),
                end_date=as_date(listed, "end_date"),
            )
            .filter(
                pl.col("campaign_id").is_not_null() & is_likely(first) & is_likely(last),
                last >= first,
                filled("cooldown_days").is_null() | cooldown.is_between(0, 366),
            )
            .unique(pl.col("campaign_id").str.to_lowercase(), keep="first", maintain_order=True)
            .select(
                "campaign_id",
                "name",
                "start_date",
                brand_cell="brand",
                over=last + pl.duration(days=cooldown.fill_null(0)),
            )
            .collect()
        )
        planned = self.planned.lazy()
        by_name = (
            planned.group_by(name_key=key_of(pl.col("name")))
            .agg(pl.col("campaign_id").min().alias("by_name"), pl.len())
            .filter(pl.col("len") == 1)
        )
        by_id = planned.select("campaign_id", name_key=key_of(pl.col("campaign_id")))
        self.campaigns = (
            cells("campaign", self.orders, self.posts, self.payouts)
            .with_columns(name_key=key_of(pl.col("written").str.strip_chars()))
            .join(by_id, on="name_key", how="left")
            .join(by_name, on="name_key", how="left")
            .select(
                "written",
                pl.coalesce("campaign_id", "by_name", pl.col("written").str.strip_chars()).alias(
                    "own_campaign"
                ),
            )
            .collect()
        )

    def _name_products(self, listed: pl.LazyFrame) -> None:
        sold = listed.select(
            product=filled("product"),
            brand=filled("brand"),
            list_price=as_money("list_price"),
            unit_cost=as_money("unit_cost"),
        ).drop_nulls(["product", "brand"])
        known = (
            pl.concat([self.planned.lazy().select(brand="brand_cell"), sold.select("brand")])
            .drop_nulls()
            .with_columns(brand_key=key_of(pl.col("brand")))
            .unique("brand_key", keep="first", maintain_order=True)
        )
        text = pl.col("written").str.strip_chars()
        self.brands = (
            cells("brand", self.orders, self.posts, known, sold)
            .with_columns(brand_key=key_of(text))
            .join(known, on="brand_key", how="left")
            .select("written", pl.coalesce("brand", text).alias("found_brand"))
            .collect()
        )
        costs = (
            sold.unique()
            .join(self.brands.lazy(), left_on="brand", right_on="written")
            .with_columns(brands=pl.len().over("product"))
            .collect()
        )
        of_brand = ["product", "found_brand", "list_price", "unit_cost"]
        self.costs = costs.filter(pl.col("brands") > 1).select(of_brand)
        only = costs.lazy().filter(pl.col("brands") == 1).select(of_brand)
        spelled = (
            sold.group_by(product_key=key_of(pl.col("product")))
            .agg(pl.col("product").min())
            .join(only.rename({"found_brand": "only_brand"}), on="product", how="left")
        )
        self.products = (
            cells("product", self.orders)
            .with_columns(product_key=key_of(text))
            .join(spelled, on="product_key", how="left")
            .select(
                "written",
                pl.coalesce("product", text).alias("found_product"),
                "only_brand",
                "list_price",
                "unit_cost",
            )
            .collect()
        )

    def _name_the_rest(self, listed: pl.LazyFrame) -> None:
        words = pl.scan_csv(REFERENCE / "value_synonyms.csv", infer_schema=False)
        mapped = pl.scan_csv(REFERENCE / "channel_map.csv", infer_schema=False)
        text = pl.col("written").str.strip_chars()
        regions = listed.group_by(region_key=key_of(pl.col("region"))).agg(
            pl.col("region").str.strip_chars().min()
        )
        aliases = (
            words.filter(pl.col("field") == "region")
            .select(region_key=key_of(pl.col("spelling")), alias_of=key_of(pl.col("value")))
            .unique()
            .join(regions, left_on="alias_of", right_on="region_key")
            .select("region_key", by_alias="region")
        )
        self.regions = (
            cells("region", self.orders)
            .with_columns(region_key=key_of(text))
            .join(regions, on="region_key", how="left")
            .join(aliases, on="region_key", how="left")
            .select("written", pl.coalesce("region", "by_alias", text).alias("found_region"))
            .collect()
        )
        self.channels = (
            cells("source", self.orders)
            .with_columns(source_key=key_of(text))
            .join(
                mapped.filter(pl.col("medium").is_null()).select(
                    "channel", source_key=key_of(pl.col("source"))
                ),
                on="source_key",
            )
            .select("written", "channel")
            .collect()
        )
        self.statuses = (
            cells("status", self.orders)
            .with_columns(status_key=key_of(text))
            .join(
                words.filter(pl.col("field") == "order_status").select(
                    found_status="value", status_key=key_of(pl.col("spelling"))
                ),
                on="status_key",
            )
            .select("written", "found_status")
            .collect()
        )


def checked(names: Names) -> pl.LazyFrame:
    """Every row of orders with its types, its names and what is wrong with it by itself."""
    rows = names.orders
    found = {
        "status": names.statuses,
        "source": names.channels,
        "region": names.regions,
        "product": names.products,
        "brand": names.brands,
        "influencer_id": names.influencers,
        "coupon_code": names.coupons,
        "campaign": names.campaigns,
    }
    for column, name in found.items():
        rows = rows.join(name.lazy(), left_on=column, right_on="written", how="left")
    day, orders, revenue = pl.col("order_date"), pl.col("counted"), pl.col("paid")
    cancelled = (pl.col("found_status") == "cancelled").fill_null(False)
    problem = (
        pl.when(day.is_null() & filled("date").is_null())
        .then(pl.lit("date empty"))
        .when(day.is_null())
        .then(pl.lit("date unreadable"))
        .when(~is_likely(day))
        .then(pl.lit("date out_of_range"))
        .when(orders.is_null() & filled("orders").is_null())
        .then(pl.lit("orders empty"))
        .when(orders.is_null() | (orders != orders.floor()))
        .then(pl.lit("orders unreadable"))
        .when(orders < 0)
        .then(pl.lit("orders negative"))
        .when(revenue < 0)
        .then(pl.lit("revenue negative"))
        .when(revenue.is_null() & filled("revenue").is_not_null())
        .then(pl.lit("revenue unreadable"))
        .when(revenue.is_null() & ~cancelled)
        .then(pl.lit("revenue empty"))
    )
    return (
        rows.with_columns(
            order_date=as_date(names.orders, "date"),
            counted=pl.col("orders").cast(pl.Float64, strict=False),
            paid=as_money("revenue"),
            off=as_money("discount").abs(),
        )
        .with_columns(
            problem=problem,
            paid=pl.when(cancelled & filled("revenue").is_null())
            .then(pl.lit(0).cast(pl.Decimal(18, 2)))
            .otherwise(revenue),
        )
        .select(
            "file_number",
            "record_number",
            "order_date",
            "paid",
            "off",
            "problem",
            "channel",
            "list_price",
            "unit_cost",
            transaction_id=filled("transaction_id"),
            counted=orders.cast(pl.Int64),
            is_back=is_likely(as_date(names.orders, "returned_date")).fill_null(False)
            | pl.col("found_status").is_in(BACK).fill_null(False),
            is_new_customer=pl.col("is_new_customer").cast(pl.Boolean, strict=False),
            region=pl.col("found_region").fill_null(NONE),
            product=pl.col("found_product").fill_null(NONE),
            brand=pl.coalesce("found_brand", "only_brand", pl.lit(NONE)),
            is_named=filled("influencer_id").is_not_null() | filled("coupon_code").is_not_null(),
            influencer_id=pl.when(filled("influencer_id").is_null())
            .then("owner")
            .otherwise("found_influencer"),
            own_campaign="own_campaign",
            record_key=pl.struct(
                names.orders.drop("file_number", "record_number").collect_schema().names()
            ).hash(),
        )
    )


def judged(sharing: pl.DataFrame) -> pl.DataFrame:
    """What becomes of rows of which others have the id."""
    line = ["transaction_id", "product"]
    is_fine = pl.col("problem").is_null()
    is_older = is_fine & (pl.col("file_number") < pl.col("newest_file"))
    is_newest = is_fine & (pl.col("file_number") == pl.col("newest_file"))
    same = [*line, "row_status", "paid", "off", "counted"]
    lines = (
        sharing.sort("record_number")
        .with_columns(
            newest_file=pl.when(is_fine).then("file_number").max().over(line),
            copy_number=pl.int_range(pl.len()).over(*line, "file_number", "record_key"),
        )
        .with_columns(in_newest=is_newest.any().over(*line, "record_key"))
        .with_columns(
            row_status=pl.when(is_older & pl.col("in_newest"))
            .then(pl.lit("duplicate"))
            .when(is_older)
            .then(pl.lit("superseded"))
            .when(pl.col("copy_number") > 0)
            .then(pl.lit("duplicate"))
            .when(~is_fine)
            .then(pl.lit("rejected"))
            .otherwise(pl.lit("accepted"))
        )
        .with_columns(
            row_status=pl.when(
                (pl.col("row_status") == "accepted") & (pl.int_range(pl.len()).over(same) > 0)
            )
            .then(pl.lit("rejected"))
            .otherwise("row_status")
        )
        .with_columns(occurrence=pl.int_range(1, pl.len() + 1).over(*line, "row_status"))
        .with_columns(
            line_id=pl.when(pl.col("occurrence") == 1)
            .then("product")
            .otherwise(pl.format("{} ({})", "product", "occurrence"))
        )
    )
    counts = pl.col("counted") > 0
    whole = (
        lines.filter(pl.col("row_status") == "accepted")
        .group_by("transaction_id")
        .agg(
            first_line=pl.coalesce(
                pl.col("line_id").filter(counts & pl.col("is_named")).min(),
                pl.col("line_id").filter(counts).min(),
                pl.col("line_id").min(),
            ),
            at_most=pl.col("counted").max(),
            lines=pl.len(),
        )
        .filter((pl.col("lines") > 1) & (pl.col("at_most") <= 1))
    )
    return lines.join(whole, on="transaction_id", how="left").with_columns(
        orders=pl.when(pl.col("at_most").is_null())
        .then("counted")
        .when(pl.col("first_line") == pl.col("line_id"))
        .then("at_most")
        .otherwise(0)
    )


def summed(column: str) -> pl.Expr:
    """A sum; of columns that may be unknown, null where all of them are."""
    if column in KNOWN:
        return pl.when(pl.col(column).count() > 0).then(pl.col(column).sum()).alias(column)
    return pl.col(column).sum()


def order_days(names: Names) -> pl.DataFrame:
    """Sums of all rows by what panels are told apart by, and by what became of the rows."""
    rows = checked(names)
    shared = (
        names.orders.select(transaction_id=filled("transaction_id"))
        .drop_nulls()
        .group_by("transaction_id")
        .len()
        .filter(pl.col("len") > 1)
        .select("transaction_id")
        .collect(engine="streaming")
    )
    sharing = rows.join(shared.lazy(), on="transaction_id", how="semi")
    few = judged(sharing.collect(engine="streaming"))
    used = [column for column in rows.collect_schema().names() if column != "record_key"]
    single = (
        rows.join(shared.lazy(), on="transaction_id", how="anti")
        .select(used)
        .with_columns(
            orders=pl.col("counted"),
            row_status=pl.when(pl.col("problem").is_null())
            .then(pl.lit("accepted"))
            .otherwise(pl.lit("rejected")),
        )
    )
    every = pl.concat([single, few.lazy().select(*used, "orders", "row_status")])
    if len(names.costs):
        several = names.costs.lazy().rename({"found_brand": "brand"})
        every = every.join(several, on=["product", "brand"], how="left", suffix="_of_brand")
        every = every.with_columns(
            pl.coalesce("list_price", "list_price_of_brand").alias("list_price"),
            pl.coalesce("unit_cost", "unit_cost_of_brand").alias("unit_cost"),
        )
    zero = pl.lit(0).cast(pl.Decimal(18, 2))
    is_back, gross = pl.col("is_back"), pl.col("gross_revenue")
    is_attributed = pl.col("influencer_id").is_not_null()
    price = pl.col("list_price").cast(pl.Float64)
    # Half a unit more, rounded down, is rounded half up.
    units = pl.when(price != 0).then((gross.cast(pl.Float64) / price + 0.5).floor())
    sold = pl.max_horizontal(
        pl.col("orders"), (pl.col("paid") > 0).cast(pl.Int64), units.fill_null(0).cast(pl.Int64)
    )
    new = pl.col("is_new_customer")
    return (
        every.with_columns(
            gross_revenue=pl.col("paid") + pl.col("off").fill_null(zero),
            discounts=pl.col("off").fill_null(zero),
            refunds=pl.when(is_back).then("paid").otherwise(zero),
            revenue=pl.when(is_back).then(zero).otherwise("paid"),
            channel=pl.when(is_attributed)
            .then(pl.lit("influencer"))
            .otherwise(pl.col("channel").fill_null("other")),
            # A campaign on an order without influencer attributes nothing.
            campaign_id=pl.when(is_attributed).then("own_campaign"),
            problem=pl.when(pl.col("row_status") == "rejected").then(
                pl.col("problem").fill_null("transaction_id repeats")
            ),
            orders_of_known_customers=pl.when(new.is_not_null()).then("orders"),
            new_customer_orders=pl.when(new).then("orders").when(~new).then(0),
        )
        .with_columns(
            cost_of_goods=pl.col("unit_cost")
            * pl.when(is_back).then(0).otherwise(sold).cast(pl.Decimal(18, 0)),
        )
        .with_columns(
            revenue_of_known_cost=pl.when(pl.col("cost_of_goods").is_not_null()).then("revenue")
        )
        .group_by(*PANEL, "row_status", "problem")
        .agg(pl.len().alias("rows"), *(summed(column) for column in SUMS))
        .collect(engine="streaming")
    )


def placed(names: Names, table: pl.LazyFrame) -> pl.LazyFrame:
    """Rows with a known influencer, and their campaign."""
    return table.join(
        names.influencers.lazy().drop_nulls(), left_on="influencer_id", right_on="written"
    ).join(names.campaigns.lazy(), left_on="campaign", right_on="written", how="left")


def first_of(table: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """The first row of each key in the newest file that has it."""
    return table.sort("file_number", "record_number", descending=[True, False]).unique(
        pl.col(key).str.strip_chars(), keep="first", maintain_order=True
    )


def credited(names: Names, accepted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The running campaign, and the post that gets the credit, by influencer, brand and day."""
    shown = names.brands.lazy()
    posts = first_of(
        placed(names, names.posts)
        .with_columns(post_date=as_date(names.posts, "date"))
        .filter(is_likely(pl.col("post_date")))
        .join(shown, left_on="brand", right_on="written", how="left"),
        "post_id",
    )

    def is_empty_or(cell: str, condition: pl.Expr) -> pl.Expr:
        return filled(cell).is_null() | condition

    payouts = first_of(
        placed(names, names.payouts).filter(
            filled("basis").is_not_null(),
            as_money("total_payout") >= 0,
            is_empty_or("event_date", is_likely(as_date(names.payouts, "event_date"))),
            is_empty_or("rate", as_money("rate") >= 0),
            is_empty_or("product_cost", as_money("product_cost") >= 0),
        ),
        "payout_id",
    )
    member = {"influencer_id": "found_influencer", "campaign_id": "own_campaign"}
    members = (
        pl.concat(
            [
                posts.select(**member),
                payouts.select(**member),
                accepted.lazy().select("influencer_id", "campaign_id"),
            ]
        )
        .drop_nulls()
        .unique()
    )
    occasions = accepted.lazy().select(OCCASION).drop_nulls("influencer_id").unique()
    planned = names.planned.lazy().join(
        shown.rename({"found_brand": "campaign_brand"}),
        left_on="brand_cell",
        right_on="written",
        how="left",
    )
    brand = pl.col("campaign_brand")
    running = (
        occasions.join(members, on="influencer_id")
        .join(planned, on="campaign_id")
        .filter(
            brand.is_null() | (pl.col("brand") == brand) | (pl.col("brand") == NONE),
            pl.col("order_date").is_between("start_date", "over"),
        )
        .sort("start_date", "campaign_id", descending=[True, False])
        .unique(OCCASION, keep="first", maintain_order=True)
        .select(*OCCASION, running="campaign_id")
    )
    latest = (
        occasions.join(
            posts.select("post_id", "post_date", "found_brand", influencer_id="found_influencer"),
            on="influencer_id",
        )
        .filter(
            pl.col("found_brand").is_null() | (pl.col("found_brand") == pl.col("brand")),
            pl.col("order_date").is_between(
                "post_date", pl.col("post_date") + pl.duration(days=WINDOW_DAYS)
            ),
        )
        .sort("post_date", "post_id", descending=[True, False])
        .unique(OCCASION, keep="first", maintain_order=True)
        .select(*OCCASION, post_id=pl.col("post_id").str.strip_chars())
    )
    return running.collect(), latest.collect()


def run(raw: Path, out: Path) -> None:
    """Make the results.

    Args:
        raw: Folder of Parquet exports.
        out: Folder for the results; made where it is missing.
    """
    out.mkdir(parents=True, exist_ok=True)
    names = Names(raw)
    days = order_days(names)
    accepted = days.filter(pl.col("row_status") == "accepted")
    running, latest = credited(names, accepted)
    panel = (
        accepted.join(running, on=OCCASION, how="left")
        .group_by(
            "region",
            "channel",
            "brand",
            date_day="order_date",
            influencer_id=pl.col("influencer_id").fill_null(NONE),
            campaign_id=pl.coalesce("campaign_id", "running", pl.lit(NONE)),
        )
        .agg(summed(column) for column in SUMS)
    )
    of_panel = (
        *("date_day", "region", "channel", "influencer_id", "campaign_id", "brand", "orders"),
        *("orders_of_known_customers", "new_customer_orders", *MONEY),
        *("revenue_of_known_cost", "cost_of_goods"),
    )
    panel.select(of_panel).write_parquet(out / "panel_orders.parquet")
    panel.group_by("date_day", "region", "brand", "channel").agg(
        summed(column) for column in ("orders", *MONEY)
    ).write_parquet(out / "fct_revenue_days.parquet")
    code = pl.col("problem").str.split(" ")
    days.group_by("row_status", "problem").agg(pl.col("rows").sum()).select(
        "row_status",
        pl.when(pl.col("row_status") == "duplicate")
        .then(pl.lit("copy"))
        .when(pl.col("row_status") == "superseded")
        .then(pl.lit("superseded"))
        .otherwise(code.list.last())
        .alias("reject_code"),
        reject_column=code.list.first(),
        rows=pl.col("rows").cast(pl.Int64),
    ).write_parquet(out / "row_counts.parquet")
    accepted.join(latest, on=OCCASION).group_by("post_id").agg(
        summed("orders"), summed("revenue")
    ).write_parquet(out / "post_orders.parquet")


if __name__ == "__main__":
    given = folders(__doc__).parse_args()
    run(given.raw, given.out)

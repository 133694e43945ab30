"""The same in pandas, in memory: `python -m bench.by_pandas RAW OUT`.

Makes what bench/by_hand.sql makes, from the same files, by the same steps, and leaves out the same.
Cells of few different values are read as categories, so that each is understood once, and money
is counted in hundredths.
"""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.by_hand import REFERENCE, files_of, folders

NONE = "(none)"
HUNDREDTH = Decimal("0.01")
WINDOW = pd.Timedelta(days=30)
FIRST_DAY, LAST_DAY = pd.Timestamp("2000-01-01"), pd.Timestamp("2099-12-31")
BACK = ("returned", "refused", "cancelled")
OCCASION = ["influencer_id", "brand", "order_date"]
PANEL = ["order_date", "region", "channel", "influencer_id", "campaign_id", "brand"]
MONEY = ["gross_revenue", "discounts", "refunds", "revenue"]
# Null where no row has a value, not 0.
KNOWN = [
    "orders_of_known_customers",
    "new_customer_orders",
    "revenue_of_known_cost",
    "cost_of_goods",
]
OF_MONEY = [*MONEY, "revenue_of_known_cost", "cost_of_goods"]
CATEGORIES = [
    *("source", "campaign", "influencer_id", "product", "brand", "region", "coupon_code", "status"),
]


def read(raw: Path, table: str, categories: list[str] | None = None) -> pd.DataFrame:
    """Rows of a raw table with the number of their file and theirs in it."""
    parts = []
    for number, path in enumerate(files_of(raw, table)):
        part = pq.read_table(path, read_dictionary=categories)
        part = part.append_column("record_number", pa.array(np.arange(len(part))))
        parts.append(part.append_column("file_number", pa.array(np.full(len(part), number))))
    rows = pa.concat_tables(parts, promote_options="permissive").unify_dictionaries()

    def kept(kind: pa.DataType) -> pd.ArrowDtype | None:
        return pd.ArrowDtype(kind) if pa.types.is_decimal(kind) or pa.types.is_date(kind) else None

    frame: pd.DataFrame = rows.to_pandas(types_mapper=kept, self_destruct=True, split_blocks=True)
    return frame


def filled(cells: pd.Series) -> pd.Series:
    """Cells as text without blanks around them, missing where they are empty."""
    text = cells.astype("str").str.strip()
    return text.where(text != "")


def is_filled(cells: pd.Series) -> pd.Series:
    """Whether cells hold anything."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        few = filled(cells.cat.categories.to_series()).notna().to_numpy()
        return pd.Series(np.append(few, False)[cells.cat.codes], cells.index)
    return filled(cells).notna() if pd.api.types.is_string_dtype(cells.dtype) else cells.notna()


def key_of(names: pd.Series) -> pd.Series:
    """How names are compared."""
    return names.str.lower().str.replace("[-_./& +'’‘`\"]", "", regex=True)


def account_of(names: pd.Series) -> pd.Series:
    """How accounts are compared."""
    of_link = names.str.lower().str.replace("^.*/", "", regex=True)
    return of_link.str.replace("^[@ ]+", "", regex=True)


def as_date(cells: pd.Series) -> pd.Series:
    """Days, typed or ISO text."""
    if pd.api.types.is_string_dtype(cells.dtype):
        days = pd.to_datetime(cells.str.strip(), format="%Y-%m-%d", errors="coerce")
        return days.astype("datetime64[s]")
    return cells.astype("datetime64[s]")


def as_cents(cells: pd.Series) -> pd.Series:
    """Amounts, typed or text, in hundredths."""
    if isinstance(cells.dtype, pd.ArrowDtype):  # decimals
        whole = pc.cast(pc.multiply(pa.array(cells), pa.scalar(100)), pa.int64())
        return pd.Series(whole.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)).set_axis(
            cells.index
        )
    return (pd.to_numeric(cells, errors="coerce").astype("Float64") * 100).round().astype("Int64")


def is_likely(days: pd.Series) -> pd.Series:
    """Whether days can be of the business."""
    return days.between(FIRST_DAY, LAST_DAY)


def cells(column: str, *tables: pd.DataFrame) -> pd.Series:
    """Every different filled cell of a column."""
    every = [
        table[column].cat.categories.to_series()
        if isinstance(table[column].dtype, pd.CategoricalDtype)
        else table[column]
        for table in tables
    ]
    different = pd.concat(every, ignore_index=True).dropna().drop_duplicates().astype("str")
    return different[filled(different).notna()].reset_index(drop=True)


def named(written: pd.Series, names: pd.Series) -> pd.Series:
    """Names by the cells that stand for them, of several the first."""
    by_cell = pd.Series(names.to_numpy(), index=written.to_numpy()).dropna()
    return by_cell[~by_cell.index.duplicated()]


def looked_up(column: pd.Series, names: pd.Series) -> pd.Series:
    """What cells of a category stand for, as categories."""
    codes, found = pd.factorize(names.reindex(column.cat.categories))
    of_row = np.append(codes, -1)[column.cat.codes]
    return pd.Series(pd.Categorical.from_codes(of_row, pd.Index(found)), column.index)


def figures(column: pd.Series, values: pd.Series) -> pd.Series:
    """Numbers by category."""
    of_category = values.reindex(column.cat.categories).astype("Float64").astype("Int64")
    of_row = pd.concat([of_category, pd.Series([pd.NA], dtype="Int64")]).array[column.cat.codes]
    return pd.Series(of_row, column.index)


class Names:
    """What cells mean: by cell as it is written.

    Attributes:
        influencers: Of cells with an id or an account.
        coupons: Of cells with codes of one influencer.
        campaigns: Of cells with an id or a name.
        brands: Of cells with a brand.
        products: Of cells with a product.
        costs: Of products, by brand.
        regions: Of cells with a region.
        channels: Of sources.
        statuses: Of orders.
        planned: The table of campaigns.
    """

    def __init__(self, raw: Path) -> None:
        """Understand all cells of a folder."""
        self.orders = read(raw, "tracking_data", CATEGORIES)
        self.posts = read(raw, "posts")
        self.payouts = read(raw, "payouts")
        self._name_influencers(read(raw, "influencers"))
        self._name_campaigns(read(raw, "campaigns"))
        self._name_products(read(raw, "products"))
        self._name_the_rest(read(raw, "regions"))

    def _name_influencers(self, listed: pd.DataFrame) -> None:
        listed = listed[filled(listed["influencer_id"]).notna()]
        known = listed.assign(
            id_key=listed["influencer_id"].str.lower(), account=account_of(listed["handle"])
        )
        by_id = known.groupby("id_key")["influencer_id"].min()
        known = known.assign(influencer_id=known["id_key"].map(by_id))
        owners = known.groupby("account")["influencer_id"].agg(["min", "nunique"])
        by_account = owners.loc[owners["nunique"] == 1, "min"]
        written = cells("influencer_id", self.orders, self.posts, self.payouts)
        text = written.str.strip()
        found = text.str.lower().map(by_id).fillna(account_of(text).map(by_account))
        self.influencers = named(written, found)

        def codes_of(text: pd.Series) -> pd.Series:
            return text.str.upper().str.replace("[,;|/:#]", " ", regex=True).str.split().explode()

        owned = known[["influencer_id"]].join(codes_of(known["coupon_codes"]).rename("code"))
        used = cells("coupon_code", self.orders)
        codes = pd.DataFrame({"code": codes_of(used)}).join(used.rename("written"))
        claims = codes.merge(owned.dropna().drop_duplicates(), on="code")
        claimed = claims.groupby("written")["influencer_id"].agg(["min", "nunique"])
        self.coupons = claimed.loc[claimed["nunique"] == 1, "min"]

    def _name_campaigns(self, listed: pd.DataFrame) -> None:
        first, last = as_date(listed["start_date"]), as_date(listed["end_date"])
        cooldown = pd.to_numeric(listed["cooldown_days"], errors="coerce")
        is_planned = (
            is_filled(listed["campaign_id"])
            & is_likely(first)
            & is_likely(last)
            & (last >= first)
            & (~is_filled(listed["cooldown_days"]) | cooldown.between(0, 366))
        )
        over = last + pd.to_timedelta(cooldown.fillna(0), unit="D")
        planned = listed.assign(
            campaign_id=filled(listed["campaign_id"]), start_date=first, over=over
        )[is_planned]
        self.planned = planned[~planned["campaign_id"].str.lower().duplicated()]
        by_id = named(key_of(self.planned["campaign_id"]), self.planned["campaign_id"])
        single = self.planned[~key_of(self.planned["name"]).duplicated(keep=False)]
        by_name = named(key_of(single["name"]), single["campaign_id"])
        written = cells("campaign", self.orders, self.posts, self.payouts)
        text = written.str.strip()
        key = key_of(text)
        self.campaigns = named(written, key.map(by_id).fillna(key.map(by_name)).fillna(text))

    def _name_products(self, listed: pd.DataFrame) -> None:
        sold = pd.DataFrame(
            {
                "product": filled(listed["product"]),
                "brand": filled(listed["brand"]),
                "list_price": pd.to_numeric(listed["list_price"], errors="coerce") * 100,
                "unit_cost": pd.to_numeric(listed["unit_cost"], errors="coerce") * 100,
            }
        ).dropna(subset=["product", "brand"])
        known = pd.concat([self.planned["brand"], sold["brand"]]).dropna()
        by_key = named(key_of(known), known)
        written = cells("brand", self.orders, self.posts, self.planned, sold)
        text = written.str.strip()
        self.brands = named(written, key_of(text).map(by_key).fillna(text))
        self.costs = sold.assign(brand=sold["brand"].map(self.brands)).drop_duplicates()
        spelled = sold.groupby(key_of(sold["product"]))["product"].min()
        written = cells("product", self.orders)
        text = written.str.strip()
        self.products = named(written, key_of(text).map(spelled).fillna(text))

    def _name_the_rest(self, listed: pd.DataFrame) -> None:
        words = pd.read_csv(REFERENCE / "value_synonyms.csv", dtype="str", keep_default_na=False)
        mapped = pd.read_csv(REFERENCE / "channel_map.csv", dtype="str", keep_default_na=False)
        regions = listed["region"].str.strip().groupby(key_of(listed["region"])).min()
        of_regions = words[words["field"] == "region"]
        meant = key_of(of_regions["value"]).map(regions)
        aliases = named(key_of(of_regions["spelling"]), meant)
        written = cells("region", self.orders)
        text = written.str.strip()
        key = key_of(text)
        self.regions = named(written, key.map(regions).fillna(key.map(aliases)).fillna(text))
        sources = mapped[mapped["medium"] == ""]
        written = cells("source", self.orders)
        channels = named(key_of(sources["source"]), sources["channel"])
        self.channels = named(written, key_of(written.str.strip()).map(channels))
        of_orders = words[words["field"] == "order_status"]
        written = cells("status", self.orders)
        statuses = named(key_of(of_orders["spelling"]), of_orders["value"])
        self.statuses = named(written, key_of(written.str.strip()).map(statuses))


def either(first: pd.Series, second: pd.Series) -> pd.Series:
    """The first category of each row, else the second."""
    known = first.cat.categories.union(second.cat.categories)
    codes = known.get_indexer(first.cat.categories)
    other = known.get_indexer(second.cat.categories)
    of_first = np.append(codes, -1)[first.cat.codes]
    of_second = np.append(other, -1)[second.cat.codes]
    of_row = np.where(of_first < 0, of_second, of_first)
    return pd.Series(pd.Categorical.from_codes(of_row, known), first.index)


def filled_with(column: pd.Series, value: str) -> pd.Series:
    """Categories, and a value where there is none."""
    if value not in column.cat.categories:
        column = column.cat.add_categories([value])
    return column.fillna(value)


def put(column: pd.Series, value: str, where: pd.Series) -> pd.Series:
    """Categories, and a new one where a condition holds."""
    wider = column.cat.add_categories([value])
    of_row = np.where(where, len(column.cat.categories), wider.cat.codes)
    return pd.Series(pd.Categorical.from_codes(of_row, wider.cat.categories), column.index)


def only(column: pd.Series, where: pd.Series) -> pd.Series:
    """Categories where a condition holds."""
    of_row = np.where(where, column.cat.codes, -1)
    return pd.Series(pd.Categorical.from_codes(of_row, column.cat.categories), column.index)


def checked(names: Names) -> pd.DataFrame:
    """Every row of orders with its types, its names and what is wrong with it by itself."""
    raw = names.orders
    days = as_date(raw["date"])
    orders = pd.to_numeric(raw["orders"], errors="coerce")
    paid = as_cents(raw["revenue"])
    status = looked_up(raw["status"], names.statuses)
    is_cancelled = status == "cancelled"
    is_known = paid.notna()
    has_revenue = is_known | is_filled(raw["revenue"])
    problems = {
        "date empty": days.isna() & ~is_filled(raw["date"]),
        "date unreadable": days.isna(),
        "date out_of_range": ~is_likely(days),
        "orders empty": orders.isna() & ~is_filled(raw["orders"]),
        "orders unreadable": orders.isna() | (orders % 1 != 0),
        "orders negative": orders < 0,
        "revenue negative": (paid < 0).fillna(False),
        "revenue unreadable": ~is_known & has_revenue,
        "revenue empty": ~has_revenue & ~is_cancelled,
    }
    problem = np.select([fault.to_numpy(bool) for fault in problems.values()], range(9), -1)
    returned = is_likely(as_date(raw["returned_date"])) | status.isin(BACK)
    costs = names.costs.assign(brands=names.costs.groupby("product")["brand"].transform("size"))
    single = costs[costs["brands"] == 1].set_index("product")
    product = filled_with(looked_up(raw["product"], names.products), NONE)
    brand = either(looked_up(raw["brand"], names.brands), looked_up(product, single["brand"]))
    is_by_id = is_filled(raw["influencer_id"])
    is_new = raw["is_new_customer"].astype("boolean")
    rows = pd.DataFrame(
        {
            "file_number": raw["file_number"],
            "record_number": raw["record_number"],
            "transaction_id": filled(raw["transaction_id"]),
            "order_date": days,
            "counted": orders.where(orders % 1 == 0).astype("Int64"),
            "paid": paid.mask(is_cancelled & ~has_revenue, 0),
            "off": as_cents(raw["discount"]).abs(),
            "problem": pd.Categorical.from_codes(problem, pd.Index(list(problems))),
            "is_back": returned,
            "is_new_customer": is_new,
            "channel": looked_up(raw["source"], names.channels),
            "region": filled_with(looked_up(raw["region"], names.regions), NONE),
            "product": product,
            "brand": filled_with(brand, NONE),
            "list_price": figures(product, single["list_price"]),
            "unit_cost": figures(product, single["unit_cost"]),
            "is_named": is_by_id | is_filled(raw["coupon_code"]),
            "influencer_id": either(
                looked_up(raw["influencer_id"], names.influencers),
                only(looked_up(raw["coupon_code"], names.coupons), ~is_by_id),
            ),
            "own_campaign": looked_up(raw["campaign"], names.campaigns),
        }
    )
    if (costs["brands"] > 1).any():
        several = costs[costs["brands"] > 1]
        found = (
            rows[["product", "brand"]].astype("str").merge(several, "left", ["product", "brand"])
        )
        for column in ("list_price", "unit_cost"):
            values = found[column].astype("Float64").astype("Int64").set_axis(rows.index)
            rows[column] = rows[column].fillna(values)
    return rows


def judged(sharing: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """What becomes of rows of which others have the id.

    Args:
        sharing: The rows.
        records: Their cells, as they stand in the files.

    Returns:
        The rows with row_status and orders.
    """
    rows = sharing.astype({"product": "str"})
    cells_alone = records.drop(columns=["file_number", "record_number"]).astype("str")
    rows["record_key"] = pd.util.hash_pandas_object(cells_alone, index=False)
    rows = rows.sort_values("record_number", kind="stable")
    line = ["transaction_id", "product"]
    is_fine = rows["problem"].isna()
    newest = rows["file_number"].where(is_fine).groupby([rows[key] for key in line])
    rows["newest_file"] = newest.transform("max")
    is_older = is_fine & (rows["file_number"] < rows["newest_file"])
    rows["is_newest"] = is_fine & (rows["file_number"] == rows["newest_file"])
    in_newest = rows.groupby([*line, "record_key"])["is_newest"].transform("any")
    is_copy = rows.groupby([*line, "file_number", "record_key"]).cumcount() > 0
    rows["row_status"] = np.select(
        [is_older & in_newest, is_older, is_copy, ~is_fine],
        ["duplicate", "superseded", "duplicate", "rejected"],
        "accepted",
    )
    same = [*line, "row_status", "paid", "off", "counted"]
    repeats = (rows["row_status"] == "accepted") & (rows.groupby(same, dropna=False).cumcount() > 0)
    rows["row_status"] = rows["row_status"].mask(repeats, "rejected")
    occurrence = rows.groupby([*line, "row_status"]).cumcount() + 1
    rows["line_id"] = rows["product"].where(
        occurrence == 1, rows["product"] + " (" + occurrence.astype("str") + ")"
    )
    accepted = rows[rows["row_status"] == "accepted"]
    counts = accepted["counted"] > 0
    # The first line in this order: named and counting, counting, any.
    order = np.select([counts & accepted["is_named"], counts], [0, 1], 2)
    first = (
        accepted.assign(order=order)
        .sort_values(["order", "line_id"], kind="stable")
        .groupby("transaction_id")
        .agg(first_line=("line_id", "first"), lines=("line_id", "size"), at_most=("counted", "max"))
    )
    whole = first[(first["lines"] > 1) & (first["at_most"] <= 1)]
    at_most = rows["transaction_id"].map(whole["at_most"])
    is_first = rows["transaction_id"].map(whole["first_line"]) == rows["line_id"]
    rows["orders"] = (
        rows["counted"].where(at_most.isna(), at_most.where(is_first, 0)).astype("Int64")
    )
    return rows[[*sharing.columns, "row_status", "orders"]]


def summed(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Sums by keys; of columns that may be unknown, null where all of them are."""
    groups = rows.groupby(keys, observed=True, dropna=False, sort=False)
    plain = [column for column in ("rows", "orders", *MONEY) if column in rows]
    known = [column for column in KNOWN if column in rows]
    return groups[plain].sum().join(groups[known].sum(min_count=1)).reset_index()


def order_days(names: Names) -> pd.DataFrame:
    """Sums of all rows by what panels are told apart by, and by what became of the rows."""
    rows = checked(names)
    is_shared = rows["transaction_id"].notna() & rows["transaction_id"].duplicated(keep=False)
    records, names.orders = names.orders[is_shared], names.orders.iloc[:0]
    rows["row_status"] = pd.Categorical.from_codes(
        rows["problem"].notna().astype("int8").to_numpy(),
        pd.Index(["accepted", "rejected", "duplicate", "superseded"]),
    )
    rows["orders"] = rows["counted"]
    if is_shared.any():
        few = judged(rows[is_shared].drop(columns=["row_status", "orders"]), records)
        rows.loc[few.index, "row_status"] = few["row_status"]
        rows.loc[few.index, "orders"] = few["orders"]
    is_rejected = rows["row_status"] == "rejected"
    is_repeat = is_rejected & rows["problem"].isna()
    problem = put(rows["problem"], "transaction_id repeats", is_repeat)
    is_attributed = rows["influencer_id"].notna()
    off = rows["off"].fillna(0)
    gross, is_back = rows["paid"] + off, rows["is_back"]
    sold_for = gross.to_numpy("float64", na_value=np.nan)
    price = rows["list_price"].to_numpy("float64", na_value=np.nan)
    units = np.nan_to_num(np.floor(sold_for / np.where(price == 0, np.nan, price) + 0.5))
    sold = np.maximum(
        np.maximum(rows["orders"].to_numpy("int64", na_value=0), units.astype("int64")),
        (rows["paid"] > 0).to_numpy("int64", na_value=0),
    )
    net = rows["paid"].mask(is_back, 0)
    cost = rows["unit_cost"] * np.where(is_back, 0, sold)
    is_new = rows["is_new_customer"]
    channel = filled_with(put(rows["channel"], "influencer", is_attributed), "other")
    return summed(
        pd.DataFrame(
            {
                "order_date": rows["order_date"],
                "region": rows["region"],
                "channel": channel,
                "influencer_id": rows["influencer_id"],
                # A campaign on an order without influencer attributes nothing.
                "campaign_id": only(rows["own_campaign"], is_attributed),
                "brand": rows["brand"],
                "row_status": rows["row_status"],
                "problem": only(problem, is_rejected),
                "rows": 1,
                "orders": rows["orders"],
                "gross_revenue": gross,
                "discounts": off,
                "refunds": rows["paid"].where(is_back, 0),
                "revenue": net,
                "orders_of_known_customers": rows["orders"].where(is_new.notna()),
                "new_customer_orders": rows["orders"] * is_new.astype("Int64"),
                "revenue_of_known_cost": net.where(cost.notna()),
                "cost_of_goods": cost,
            }
        ),
        [*PANEL, "row_status", "problem"],
    )


def placed(names: Names, table: pd.DataFrame) -> pd.DataFrame:
    """Rows with a known influencer, and their campaign; the first of a key comes first."""
    rows = table.sort_values(["file_number", "record_number"], ascending=[False, True])
    return rows.assign(
        influencer_id=rows["influencer_id"].map(names.influencers),
        campaign_id=rows["campaign"].map(names.campaigns),
    ).dropna(subset="influencer_id")


def credited(names: Names, accepted: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The running campaign, and the post that gets the credit, by influencer, brand and day."""
    posts = placed(names, names.posts)
    posts = posts.assign(
        post_id=posts["post_id"].str.strip(),
        post_date=as_date(posts["date"]),
        own_brand=posts["brand"].map(names.brands),
    )
    posts = posts[is_likely(posts["post_date"])].drop_duplicates("post_id")
    payouts = placed(names, names.payouts)
    event = as_date(payouts["event_date"])
    is_good = (
        is_filled(payouts["basis"])
        & (as_cents(payouts["total_payout"]) >= 0).fillna(False)
        & (~is_filled(payouts["event_date"]) | is_likely(event))
        & (~is_filled(payouts["rate"]) | (as_cents(payouts["rate"]) >= 0).fillna(False))
        & (
            ~is_filled(payouts["product_cost"])
            | (as_cents(payouts["product_cost"]) >= 0).fillna(False)
        )
    )
    payouts = payouts[is_good.astype(bool)]
    payouts = payouts[~payouts["payout_id"].str.strip().duplicated()]
    pair = ["influencer_id", "campaign_id"]
    members = pd.concat([posts[pair], payouts[pair], accepted[pair]]).dropna().drop_duplicates()
    occasions = accepted[OCCASION].dropna().drop_duplicates()
    planned = self_named = names.planned.assign(
        campaign_brand=names.planned["brand"].map(names.brands)
    )
    planned = self_named[["campaign_id", "campaign_brand", "start_date", "over"]]
    running = occasions.merge(members, on="influencer_id").merge(planned, on="campaign_id")
    fits = (
        running["campaign_brand"].isna()
        | (running["brand"] == running["campaign_brand"])
        | (running["brand"] == NONE)
    ) & running["order_date"].between(running["start_date"], running["over"])
    running = running[fits].sort_values(["start_date", "campaign_id"], ascending=[False, True])
    running = running.drop_duplicates(OCCASION)[[*OCCASION, "campaign_id"]]
    shown = posts[["post_id", "post_date", "own_brand", "influencer_id"]]
    latest = occasions.merge(shown, on="influencer_id")
    fits = (latest["own_brand"].isna() | (latest["own_brand"] == latest["brand"])) & latest[
        "order_date"
    ].between(latest["post_date"], latest["post_date"] + WINDOW)
    latest = latest[fits].sort_values(["post_date", "post_id"], ascending=[False, True])
    latest = latest.drop_duplicates(OCCASION)[[*OCCASION, "post_id"]]
    return running.rename(columns={"campaign_id": "running"}), latest


def write(rows: pd.DataFrame, path: Path) -> None:
    """A Parquet file, with days as dates and hundredths as decimals."""
    table = pa.Table.from_pandas(rows, preserve_index=False)
    for place, column in enumerate(table.column_names):
        cells_of = table.column(column)
        if column in OF_MONEY:
            cents = pc.multiply(cells_of.cast(pa.decimal128(19, 0)), pa.scalar(HUNDREDTH))
            cells_of = cents.cast(pa.decimal128(18, 2))
        elif column == "date_day":
            cells_of = cells_of.cast(pa.date32())
        table = table.set_column(place, column, cells_of)
    pq.write_table(table, path)


def run(raw: Path, out: Path) -> None:
    """Make the results.

    Args:
        raw: Folder of Parquet exports.
        out: Folder for the results; made where it is missing.
    """
    out.mkdir(parents=True, exist_ok=True)
    names = Names(raw)
    days = order_days(names)
    few = ["region", "channel", "influencer_id", "campaign_id", "brand", "row_status", "problem"]
    days = days.astype(dict.fromkeys(few, "str"))
    accepted = days[days["row_status"] == "accepted"]
    running, latest = credited(names, accepted)
    panel = accepted.merge(running, "left", OCCASION)
    panel["campaign_id"] = panel["campaign_id"].fillna(panel["running"]).fillna(NONE)
    panel["influencer_id"] = panel["influencer_id"].fillna(NONE)
    panel = summed(panel, PANEL).drop(columns="rows").rename(columns={"order_date": "date_day"})
    of_panel = ["date_day", *PANEL[1:], "orders", *KNOWN[:2], *MONEY, *KNOWN[2:]]
    write(panel[of_panel], out / "panel_orders.parquet")
    daily = panel.drop(columns=[*KNOWN, "influencer_id", "campaign_id"])
    key = ["date_day", "region", "brand", "channel"]
    write(daily.groupby(key, sort=False).sum().reset_index(), out / "fct_revenue_days.parquet")
    counts = days.groupby(["row_status", "problem"], dropna=False)["rows"].sum().reset_index()
    code = counts["problem"].str.split(" ", expand=True).reindex(columns=[0, 1])
    fixed = counts["row_status"].map({"duplicate": "copy", "superseded": "superseded"})
    counts["reject_code"] = fixed.astype("str").fillna(code[1])
    counts["reject_column"] = code[0]
    of_counts = ["row_status", "reject_code", "reject_column", "rows"]
    write(counts[of_counts], out / "row_counts.parquet")
    posts = accepted.merge(latest, on=OCCASION).groupby("post_id")[["orders", "revenue"]].sum()
    write(posts.reset_index(), out / "post_orders.parquet")


if __name__ == "__main__":
    given = folders(__doc__).parse_args()
    run(given.raw, given.out)

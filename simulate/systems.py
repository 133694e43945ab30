"""The same world as other systems report it: raw reports in the place of Helios' own tables.

What a system does not hold stays in a table of Helios. Where a report has no place for a fact that
shops do keep, it stands where they keep it: the landing page's parameters in note attributes, a
return to origin and a first order in tags, campaign and brand of a post in labels.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulate.catalogue import PRODUCTS, REGIONS

CURRENCY = "INR"
UTC_OFFSET_MINUTES = 330  # of India, where the world is
# Orders of several units whose lines are split, as where a unit was added later.
SPLIT_EVERY = 3

SHOPIFY_HEADERS = (
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at",
    "Accepts Marketing", "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code",
    "Discount Amount", "Shipping Method", "Created at", "Lineitem quantity", "Lineitem name",
    "Lineitem price", "Lineitem compare at price", "Lineitem sku", "Lineitem requires shipping",
    "Lineitem taxable", "Lineitem fulfillment status", "Billing Name", "Billing Street",
    "Billing Address1", "Billing Address2", "Billing Company", "Billing City", "Billing Zip",
    "Billing Province", "Billing Country", "Billing Phone", "Shipping Name", "Shipping Street",
    "Shipping Address1", "Shipping Address2", "Shipping Company", "Shipping City", "Shipping Zip",
    "Shipping Province", "Shipping Country", "Shipping Phone", "Notes", "Note Attributes",
    "Cancelled at", "Payment Method", "Payment Reference", "Refunded Amount", "Vendor",
    "Outstanding Balance", "Employee", "Location", "Device ID", "Id", "Tags", "Risk Level",
    "Source", "Lineitem discount", "Tax 1 Name", "Tax 1 Value", "Tax 2 Name", "Tax 2 Value",
    "Tax 3 Name", "Tax 3 Value", "Tax 4 Name", "Tax 4 Value", "Tax 5 Name", "Tax 5 Value", "Phone",
    "Receipt Number", "Duties", "Billing Province Name", "Shipping Province Name", "Payment ID",
    "Payment Terms Name", "Next Payment Due At", "Payment References",
)  # fmt: skip
# What the cells say, over an order line with `line`, `lines`, `quantity`, `price` and `placed_at`.
SHOPIFY_OF_ORDER = {
    "Email": "lower(user_id) || '@example.com'",
    "Financial Status": """case status
        when 'returned' then 'refunded' when 'refused' then 'voided'
        when 'shipped' then 'pending' else 'paid' end""",
    "Paid at": "case when status in ('delivered', 'returned') then placed_at end",
    "Fulfillment Status": "'fulfilled'",
    "Accepts Marketing": "'no'",
    "Currency": f"'{CURRENCY}'",
    "Subtotal": "revenue",
    "Shipping": "'0.00'",
    "Taxes": "'0.00'",
    "Total": "revenue",
    "Discount Code": "coupon_code",
    "Discount Amount": "discount",
    "Shipping Method": "'Standard'",
    "Shipping Province": "province",
    "Shipping Province Name": "region",
    "Shipping Country": "'IN'",
    "Note Attributes": r"""'utm_source: ' || source
        || case when campaign is not null then chr(10) || 'utm_campaign: ' || campaign else '' end
        || case when influencer_id is not null then chr(10) || 'ref: ' || ref else '' end""",
    "Payment Method": """case when status in ('shipped', 'refused')
        then 'Cash on Delivery (COD)' else 'Razorpay' end""",
    "Refunded Amount": "case when status = 'returned' then revenue else 0.00 end",
    "Outstanding Balance": "case when status in ('shipped', 'refused') then revenue else 0.00 end",
    "Id": "6100000000000 + number",
    "Tags": """case when is_new_customer then 'new customer' else 'returning customer' end
        || case when status = 'refused' then ', RTO' else '' end""",
    "Risk Level": "'Low'",
    "Source": "'web'",
}
SHOPIFY_OF_LINE = {
    "Name": "'#' || (1001 + number)",
    "Created at": "placed_at",
    "Lineitem quantity": "case when lines = 1 then quantity when line = 1 then 1"
    " else quantity - 1 end",
    "Lineitem name": "product",
    "Lineitem price": "price || '.00'",
    "Lineitem sku": "sku",
    "Lineitem requires shipping": "'true'",
    "Lineitem taxable": "'true'",
    "Lineitem fulfillment status": "'fulfilled'",
    "Vendor": "brand",
    "Lineitem discount": "'0.00'",
}
META_POST = "'179' || lpad(regexp_extract(post_id, '[0-9]+$'), 14, '0')"
META_TIME = "strftime(date, '%m/%d/%Y') || ' ' || lpad((9 + reach % 12)::varchar, 2, '0') || ':30'"
META_LABELS = """concat_ws('; ', case when campaign is not null then 'campaign: ' || campaign end,
    'brand: ' || brand)"""
REF_PREFIX = "ref"  # before the number of an influencer, the parameter of affiliate links


class SystemsError(Exception):
    """Systems that cannot be written; its message is one line."""


@dataclass(frozen=True)
class Report:
    """A report of a system.

    Attributes:
        file: Name below the folder of exports, without ending.
        select: Query for its cells, over the rows of the table as `source_rows`, with `name` and
            `handle` of the influencer behind them.
    """

    file: str
    select: str


@dataclass(frozen=True)
class System:
    """What a system reports of one table.

    Attributes:
        table: The table of Helios.
        reports: Its reports.
        rest: Query for the rows that stay in Helios' own table; none where none stay.
    """

    table: str
    reports: tuple[Report, ...]
    rest: str | None = None


def read_names(text: str) -> tuple[str, ...]:
    """Systems from a list with commas.

    Args:
        text: Such as `shopify,meta`.

    Returns:
        Their names, each once.

    Raises:
        SystemsError: If one is unknown.
    """
    names = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",")))
    for name in names:
        if name not in SYSTEMS:
            raise SystemsError(f"{name!r} is no system, must be of {', '.join(SYSTEMS)}")
    return names


def report_files() -> tuple[str, ...]:
    """Names of all reports of all systems, below the folder of exports and without ending."""
    return tuple(report.file for system in SYSTEMS.values() for report in system.reports)


def tables_of(names: Sequence[str]) -> dict[str, System]:
    """The systems that report a table, by the table.

    Args:
        names: Systems that are wanted.

    Returns:
        One system a table.
    """
    return {SYSTEMS[name].table: SYSTEMS[name] for name in names}


def influencer_keys(influencer_id: NDArray[np.object_], handle: NDArray[np.object_]) -> pa.Table:
    """What influencers are known by in other systems: the export `influencer_keys`.

    Args:
        influencer_id: Their keys.
        handle: Their accounts.

    Returns:
        An address and a parameter of links for each.
    """
    emails = [f"{name.lstrip('@')}@example.com" for name in handle]
    refs = [REF_PREFIX + key[len("INF") :] for key in influencer_id]
    n = len(influencer_id)
    return pa.table(
        {
            "influencer_id": pa.array([*influencer_id, *influencer_id], pa.string()),
            "kind": pa.array(["email"] * n + ["other"] * n, pa.string()),
            "key": pa.array([*emails, *refs], pa.string()),
        }
    )


def shopify_select(lines: str) -> str:
    """The query for Shopify's export of orders.

    Args:
        lines: Query for the order lines of Helios, with `number` in front.

    Returns:
        The query: one record a line, what belongs to the order on its first record only.
    """
    prices = _map(PRODUCTS.product, PRODUCTS.list_price)
    skus = _map(PRODUCTS.product, [f"'SKU{n:04d}'" for n in range(1, len(PRODUCTS.product) + 1)])
    provinces = _map(REGIONS.region, [f"'{code}'" for code in REGIONS.code])
    cells = [f"{_cell(header)} as {_quoted(header)}" for header in SHOPIFY_HEADERS]
    # In UTC, as shops write it whose settings were never changed: 19:15 is the next day in India.
    return f"""
        select {", ".join(cells)}
        from (
            select *, len(pieces) as lines, unnest(pieces) as line
            from (
                select
                    *,
                    case
                        when quantity > 1 and number % {SPLIT_EVERY} = 0 then [1, 2] else [1]
                    end as pieces,
                from (
                    select
                        *,
                        {prices}[product] as price,
                        cast((revenue + discount) / {prices}[product] as integer) as quantity,
                        {skus}[product] as sku,
                        {provinces}[region] as province,
                        '{REF_PREFIX}' || substr(influencer_id, 4) as ref,
                        strftime(
                            date::timestamp + to_seconds(number * 7919 % 86400)
                            - to_minutes({UTC_OFFSET_MINUTES}), '%Y-%m-%d %H:%M:%S +0000'
                        ) as placed_at,
                    from ({lines})
                )
            )
        )
    """


def _cell(header: str) -> str:
    if header in SHOPIFY_OF_LINE:
        return SHOPIFY_OF_LINE[header]
    if header in SHOPIFY_OF_ORDER:
        return f"case when line = 1 then {SHOPIFY_OF_ORDER[header]} end"
    return "null"


def _map(keys: Iterable[str], values: Iterable[object]) -> str:
    """A map as SQL; a join would mix up the rows where several threads write."""
    pairs = ", ".join(
        f"'{key.replace(chr(39), chr(39) * 2)}': {value}"
        for key, value in zip(keys, values, strict=True)
    )
    return f"map {{{pairs}}}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _goaffpro() -> System:
    """Commission outside campaigns: GoAffPro knows sales and affiliates, but no campaigns.

    A month's commission of an affiliate is one sale that was entered by hand.
    """
    is_there = "basis = 'revenue share' and campaign is null"
    select = f"""
        select
            payout_id as "Order Number",
            strftime(event_date, '%Y-%m-%d') as "Order Date",
            round(total_payout * 100 / nullif(rate, 0), 2) as "Amount",
            name as "Affiliate",
            ltrim(handle, '@') || '@example.com' as "Affiliate Email",
            '{REF_PREFIX}' || substr(influencer_id, 4) as "Ref Code",
            orders as "Orders",
            rate || '%' as "Commission Rate",
            total_payout as "Commission",
            '{CURRENCY}' as "Currency",
            case status when 'due' then 'approved' when 'accrued' then 'pending'
                when 'reversed' then 'rejected' else status end as "Status",
            strftime(paid_date, '%Y-%m-%d') as "Paid Date",
        from source_rows
        where {is_there}
    """
    rest = f"select * exclude (name, handle) from source_rows where ({is_there}) is not true"
    return System("payouts", (Report("goaffpro/sales_report", select),), rest)


def _meta() -> System:
    """Content of Instagram accounts and of Facebook pages, a file each."""
    instagram = f"""
        select
            {META_POST} as "Post ID",
            '1784' || lpad(substr(influencer_id, 4), 13, '0') as "Account ID",
            ltrim(handle, '@') as "Account username",
            name as "Account name",
            caption as "Description",
            case when post_type = 'reel' then 31 else 0 end as "Duration (sec)",
            {META_TIME} as "Publish time",
            url as "Permalink",
            'IG ' || post_type as "Post type",
            {META_LABELS} as "Custom labels",
            null as "Data comment",
            'Lifetime' as "Date",
            format('{{:,}}', impressions) as "Views",
            format('{{:,}}', reach) as "Reach",
            likes as "Likes",
            shares as "Shares",
            0 as "Follows",
            comments as "Comments",
            saves as "Saves",
        from source_rows
        where platform = 'Instagram'
    """
    facebook = f"""
        select
            {META_POST} as "Post ID",
            '1000' || lpad(substr(influencer_id, 4), 11, '0') as "Page ID",
            ltrim(handle, '@') as "Page name",
            caption as "Title",
            null as "Description",
            case when post_type = 'video' then 31 else 0 end as "Duration (sec)",
            {META_TIME} as "Publish time",
            url as "Permalink",
            post_type as "Post type",
            {META_LABELS} as "Custom labels",
            null as "Data comment",
            'Lifetime' as "Date",
            format('{{:,}}', impressions) as "Views",
            format('{{:,}}', reach) as "Reach",
            likes as "Reactions",
            comments as "Comments",
            shares as "Shares",
            clicks as "Link clicks",
        from source_rows
        where platform = 'Facebook'
    """
    rest = """
        select * exclude (name, handle) from source_rows
        where platform not in ('Instagram', 'Facebook')
    """
    return System(
        "posts",
        (Report("meta/instagram_content", instagram), Report("meta/facebook_content", facebook)),
        rest,
    )


SYSTEMS: dict[str, System] = {
    # Order lines are a stream that only `shopify_select` can number.
    "shopify": System("tracking_data", (Report("shopify/orders_export_1", ""),)),
    "goaffpro": _goaffpro(),
    "meta": _meta(),
}

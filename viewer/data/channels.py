"""Revenue and orders of the shop by channel."""

import pandas as pd

from viewer.data.conditions import where_of
from viewer.published import read
from viewer.selection import Selection

INFLUENCER_CHANNEL = "influencer"


def revenue_by_channel(selection: Selection) -> pd.DataFrame:
    """Revenue of every channel on the selected days, of the selected brands.

    Returns:
        channel, revenue and share, largest first.
    """
    where, parameters = where_of(selection, "order")
    return read(
        f"""
        select
            channel,
            sum(revenue) as revenue,
            sum(revenue)::double / nullif(sum(sum(revenue)) over (), 0)::double as share
        from fct_revenue_days
        where {where}
        group by channel
        order by revenue desc, channel
        """,
        parameters,
    )


def orders_by_channel(selection: Selection) -> pd.DataFrame:
    """Orders of each channel on the selected days, of the selected brands; most orders first.

    Returns:
        channel, orders, revenue and share, that of all orders.
    """
    where, parameters = where_of(selection, "order")
    return read(
        f"""
        select
            channel,
            coalesce(sum(orders), 0)::bigint as orders,
            sum(revenue) as revenue,
            sum(orders)::double / nullif(sum(sum(orders)) over (), 0)::double as share
        from fct_revenue_days
        where {where}
        group by channel
        order by orders desc, channel
        """,
        parameters,
    )

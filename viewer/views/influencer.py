"""One influencer: who they are, what they brought, their posts, campaigns and payouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from viewer import data, filters, measures
from viewer.charts import influencers as charts
from viewer.data import NONE_MEMBER, Bucket
from viewer.format import NOTHING, count, money, period, plain
from viewer.measures import Measure
from viewer.pages import path
from viewer.selection import Selection, View
from viewer.views import parts

TILES = (
    measures.SPEND,
    measures.ATTRIBUTED_REVENUE,
    measures.ORDERS,
    measures.INCREMENTAL_ROAS,
    measures.INCREMENTAL_REVENUE,
    measures.ROAS,
    measures.COST_PER_ORDER,
    measures.AVERAGE_ORDER,
    measures.NEW_CUSTOMER_SHARE,
    measures.COST_PER_NEW_CUSTOMER,
    measures.COST_PER_THOUSAND,
    measures.ENGAGEMENT_RATE,
)
# What one influencer has in most weeks; a line of a few ratios is none to see.
TRENDS = ("spend", "attributed_revenue", "orders")
PROFILE = measures.of_mart(
    "dim_influencers",
    *("handle", "platform", "category", "persona", "tier", "follower_count", "gender", "language"),
    *("home_region", "joined_date"),
).values()
TABLE_HEIGHT = 420
ROWS_IN_FULL = 10


def show(view: View) -> None:
    """Lay out the page."""
    st.page_link(path("influencers"), label="Influencers & personas", icon=":material/arrow_back:")
    asked = st.query_params.get("id", "")
    profile = data.influencer_profile(asked) if asked else None
    if profile is None:
        _show_choice_only(asked, view.selection)
        return
    # Dates, brands and campaigns still apply; what one person is cannot be narrowed further.
    of_anybody = view.selection.without(*view.selection.narrowed_by("influencer"))
    selection = of_anybody.having(influencer=(asked,))
    parts.header(plain(_name(asked)), of_anybody)
    _choose(asked)
    _show_ignored_filters(view.selection, asked)
    _show_profile(profile)
    bucket = data.time_bucket(selection)
    figures = data.figures(
        selection, "campaign", method=view.method, comparison=view.comparison, bucket=bucket
    )
    if figures.total["influencer_days"] > 0:
        _show_figures(view, selection, figures, bucket)
    else:
        _show_inactive(profile)
    _show_payouts(selection)


def _name(influencer: str) -> str:
    return data.options().labels["influencer"][influencer]


def _show_choice_only(asked: str, selection: Selection) -> None:
    parts.header("One influencer", selection)
    if asked:
        st.warning(
            f"The published data have no influencer {plain(asked, longest=60)}. Choose one below,"
            " or return to the list.",
            icon=":material/link_off:",
        )
    if not data.options().labels["influencer"]:
        st.info(
            "The published data have no influencers. Add exports and build again.",
            icon=":material/person_off:",
        )
        return
    st.caption("Choose an influencer to see their profile, figures, posts, campaigns and payouts.")
    _choose(None)


def _choose(shown: str | None) -> None:
    """The choice of an influencer, which the URL has as `id`."""
    known = list(data.options().labels["influencer"])
    place = None if shown is None else known.index(shown)
    # A key of its own for each shown influencer, so that the browser's back button works.
    key = f"influencer_shown_{'' if place is None else place}"
    st.selectbox(
        "Influencer",
        known,
        index=place,
        format_func=_name,
        key=key,
        placeholder="Type a name",
        on_change=_open,
        args=[key],
        width=360,
    )


def _open(key: str) -> None:
    """Show the chosen influencer, in a callback."""
    chosen = st.session_state[key]
    if chosen is None:
        st.query_params.pop("id", None)
    else:
        st.query_params["id"] = chosen


def _show_ignored_filters(selection: Selection, influencer: str) -> None:
    ignored = [filters.label(name) for name in selection.narrowed_by("influencer")]
    if selection.members("influencer") == (influencer,):
        ignored.remove(filters.label("influencer"))
    if ignored:
        st.caption(
            f":material/info: Filters that do not apply to one influencer: {', '.join(ignored)}."
        )


# --- Who they are ------------------------------------------------------------------------------


def _show_profile(profile: Mapping[str, Any]) -> None:
    with st.container(border=True), st.grid(5, min_column_width=130, gap="small"):
        for trait in PROFILE:
            value = profile[trait.column]
            written = plain(trait.write(value)) if value is not None and value != "" else NOTHING
            st.markdown(f":small[{trait.label}]  \n**{written}**")


def _show_inactive(profile: Mapping[str, Any]) -> None:
    first, last = profile["first_active"], profile["last_active"]
    st.info(
        "This influencer has no posts, orders or spend in the published data."
        if first is None
        else "No posts, orders or spend with these dates, brands and campaigns. They were active"
        f" {period(first, last)}.",
        icon=":material/filter_alt_off:",
    )


# --- Figures -----------------------------------------------------------------------------------


def _show_figures(view: View, selection: Selection, figures: data.Figures, bucket: Bucket) -> None:
    buckets = figures.over_time
    parts.performance_tiles(TILES, view, figures.total, figures.earlier, buckets, TRENDS)
    parts.method_note(view)
    parts.short_note(selection)
    posts = data.influencer_posts(selection)
    st.subheader(f"Revenue and spend by {bucket}")
    triangles = "Triangles mark days with posts. " if len(posts) else ""
    if note := triangles + parts.partial_note(buckets, bucket):
        st.caption(note)
    parts.show_chart(
        charts.days_of_influencer(buckets, posts, bucket),
        f"{_name(selection.members('influencer')[0])}: revenue and spend by {bucket}",
        "days",
        parts.pick_days,
    )
    _show_posts(posts)
    _show_campaigns(figures.by["campaign"])


# --- Posts, campaigns and payouts --------------------------------------------------------------


CAMPAIGN = Measure("campaign_name", "dim_campaigns")
POSTS = measures.of_mart(
    "fct_posts",
    *("post_date", "post_type", "caption", "url", "reach", "impressions", "likes", "comments"),
    *("clicks", "orders", "attributed_revenue", "spend", "brand"),
) | {"campaign": CAMPAIGN, "platform": Measure("platform", "fct_posts")}
CAMPAIGNS = {
    "campaign": CAMPAIGN,
    **measures.of_mart("dim_campaigns", "brand", "start_date", "end_date"),
    **measures.of_mart("fct_influencer_days", "posts", "orders", "attributed_revenue", "spend"),
    "roas": measures.ROAS,
}
PAYOUTS = measures.of_mart(
    "fct_payout_lines",
    *("event_date", "payment_status", "amount", "due_date", "paid_date", "basis"),
    *("expected_amount", "difference"),
) | {"campaign": CAMPAIGN}


def _show_posts(posts: pd.DataFrame) -> None:
    st.subheader(f"Posts ({count(len(posts))})")
    if posts.empty:
        st.caption("No posts match these filters.")
        return
    addresses = pd.Series(map(web_address, posts["url"]), posts.index, dtype=object)
    what = f"{count(len(posts))} posts, newest first"
    _show_table(posts.assign(url=addresses), POSTS, what, "posts")


def web_address(url: Any) -> str | None:
    """A link of the data if it leads to the web; others could run something when clicked."""
    text = url.strip() if isinstance(url, str) else ""
    return text if text.lower().startswith(("http://", "https://")) else None


def _show_campaigns(figures: pd.DataFrame) -> None:
    campaigns = figures.merge(data.campaign_facts(), how="left", on="campaign_id").sort_values(
        ["spend", "attributed_revenue", "campaign_id"], ascending=[False, False, True]
    )
    known = campaigns["campaign_id"] != NONE_MEMBER
    st.subheader(f"Campaigns ({count(int(known.sum()))})")
    if not known.any():
        st.caption("No campaigns match these filters.")
        return
    what = f"{count(len(campaigns))} campaigns, most spend first"
    _show_table(campaigns, CAMPAIGNS, what, "campaigns")
    measured = campaigns[campaigns["experiment_id"].notna()]
    if measured.empty:
        st.caption("None of these campaigns has an experiment.")
        return
    st.caption("Experiments that measured these campaigns:")
    with st.container(horizontal=True, gap="small"):
        for experiment, name in zip(
            measured["experiment_id"], measured["experiment_name"], strict=True
        ):
            st.page_link(
                path("experiments"),
                label=plain(name if isinstance(name, str) else experiment, longest=60),
                icon=":material/science:",
                query_params={"experiment": experiment},
            )


def _show_payouts(selection: Selection) -> None:
    totals = data.payout_totals(selection)
    st.subheader(f"Payouts ({count(totals['lines'])})")
    if not totals["lines"]:
        st.caption("No payouts match these filters.")
        return
    rows = data.payout_ledger(selection, None, "Earned on")
    parts_of_it = {
        "paid": "paid", "due": "due", "overdue": "overdue", "no_due_date": "without a due date"
    }  # fmt: skip
    amounts = [
        f"{money(totals[name])} {what}" for name, what in parts_of_it.items() if totals[name]
    ]
    st.caption(f"{money(totals['earned'])} earned: {', '.join(amounts) or 'nothing to pay'}.")
    _show_table(
        rows.assign(payment_status=rows["payment_status"].str.capitalize()),
        PAYOUTS,
        f"{count(len(rows))} payout lines, latest first",
        "payouts",
    )


def _show_table(rows: pd.DataFrame, columns: Mapping[str, Measure], what: str, file: str) -> None:
    """A table with its first column in sight, campaigns by name, and `url` as a link."""
    label_of = data.options().labels["campaign"] | {NONE_MEMBER: "No campaign"}
    campaigns = [label_of.get(campaign, campaign) for campaign in rows["campaign_id"]]
    parts.table(
        rows.assign(campaign=campaigns),
        columns,
        alt=f"Table of {what}",
        pinned=list(columns)[:1],
        file=f"influencer_{file}",
        config={"url": st.column_config.LinkColumn(columns["url"].label, display_text="Open")}
        if "url" in columns
        else {},
        height=TABLE_HEIGHT if len(rows) > ROWS_IN_FULL else "content",
    )


show(filters.chosen())

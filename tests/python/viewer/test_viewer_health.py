"""Data health, against rows counted by hand and against queries of one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from tests.python.viewer.pages import open_page, texts, tiles
from tests.python.viewer.tiny import ROWS, publish
from viewer import data
from viewer.format import money, percent
from viewer.published import published_path
from viewer.selection import Selection

JANUARY = Selection(date(2025, 1, 1), date(2025, 1, 10))
TODAY = date.today()
Row = dict[str, Any]


def table(name: str, read: int, rejected: int = 0, copies: int = 0, **more: Any) -> Row:
    """A row of rpt_data_health."""
    return {
        "raw_table": name,
        "files": 1,
        "rows_read": read,
        "rows_accepted": read - rejected - copies,
        "accepted_share": (read - rejected - copies) / read if read else None,
        "rows_rejected": rejected,
        "rows_superseded": 0,
        "duplicates": copies,
        "rows_unreadable": 0,
        "rows_noted": 0,
        "amount_read": 0,
        "amount_accepted": 0,
        "amount_rejected": 0,
        "amount_superseded": 0,
        "amount_duplicates": 0,
    } | more


def reject(
    number: int, code: str, column: str | None, value: str | None, reason: str, **more: Any
) -> Row:
    """A row of fct_rejected_rows, of payouts and rejected unless given otherwise."""
    return {
        "reject_id": f"r{number}",
        "raw_table": "payouts",
        "file": "payouts.csv",
        "record_number": number,
        "row_status": "rejected",
        "reject_code": code,
        "column_name": column,
        "value": value,
        "reason": reason,
    } | more


TABLES = [
    table("tracking_data", 100, first_date="2025-01-01", last_date="2025-01-10"),
    table(
        "posts",
        10,
        copies=2,
        last_date="2025-01-02",
        unknown_headers="Colour, *x*",
    ),
    table(
        "payouts",
        20,
        rejected=4,
        rows_accepted=15,
        accepted_share=0.75,
        rows_unreadable=1,
        last_date="2025-01-09",
        amount_read="1000.50",
        amount_accepted="800.25",
        amount_rejected="200.25",
    ),
    table("geo_panel", 0, files=0),
]
OF_POSTS = {"raw_table": "posts", "file": "posts.csv"}
COPY = OF_POSTS | {"row_status": "duplicate"}
REJECTS = [
    reject(3, "unreadable", "rate", "abc", 'rate "abc" is not a number', amount="100.25"),
    reject(1, "unreadable", "rate", '5"', 'rate "5"" is not a number', amount="100"),
    reject(2, "unreadable", "status", "zz", 'status "zz" is not a status; x'),
    reject(7, "empty", "influencer_id", None, "influencer_id is empty"),
    reject(9, "not_split", None, "a,b,c", "too many cells", row_status="unreadable"),
    reject(4, "copy", None, None, "exact copy of an earlier row", **COPY),
    reject(5, "copy", None, None, "exact copy of an earlier row", **COPY),
    reject(6, "superseded", None, None, "in posts2.csv anew", **OF_POSTS)
    | {"row_status": "superseded"},
    reject(8, "unreadable_cell", "likes", "many", 'likes "many" is not a number', **OF_POSTS)
    | {"row_status": "accepted"},
]
NOT_FOUND = [
    {
        "field": "coupon_code",
        "raw_table": "tracking_data",
        "value": "FIT1O",
        "reason": "No influencer has this code.",
        "remedy": "Add it.",
        "rows": 3,
        "amount": "1500.50",
        "nearest": "FIT10",
    },
    {"field": "region", "raw_table": "tracking_data", "value": "Goaa", "reason": "x", "rows": 1}
    | {"amount": "2000"},
    {"field": "influencer", "raw_table": "posts", "value": "i9", "reason": "y", "rows": 7},
]
# A file that is no export.
NOT_READ = table("(none)", 0, files=1)
FILE_NOTES = [
    {"raw_table": raw_table, "file": file, "note_number": 1, "note": note}
    for raw_table, file, note in [
        ("posts", "posts/b.tsv", "UTF-16"),
        ("posts", "posts/a.csv", "line 2 is the header; notes.txt: 1 line is left out"),
        ("(none)", "leads.csv", "its name is that of no table; rename it"),
    ]
]


@pytest.fixture
def troubled(empty_warehouse: Path) -> Path:
    """The viewer reads the tables above: stale, with rows that were not accepted."""
    publish(
        empty_warehouse,
        {
            "rpt_data_health": [*TABLES, NOT_READ],
            "rpt_file_notes": FILE_NOTES,
            "fct_rejected_rows": REJECTS,
            "rpt_not_found": NOT_FOUND,
        },
    )
    return empty_warehouse


@pytest.fixture
def healthy(empty_warehouse: Path) -> Path:
    """The viewer reads data of today, all of which was accepted."""
    [first, *_] = ROWS["fct_influencer_days"]
    names = ("tracking_data", "posts", "payouts")
    publish(
        empty_warehouse,
        {
            "fct_influencer_days": [dict(first) | {"date_day": TODAY, "is_immature": False}],
            "fct_revenue_days": [],
            "rpt_data_health": [table(name, 5, last_date=TODAY) for name in names],
        },
    )
    return empty_warehouse


def plain_texts(app: AppTest) -> str:
    return texts(app).replace("\\", "")


def successes(app: AppTest) -> list[str]:
    return [str(success.value) for success in app.success]


# --- By hand -----------------------------------------------------------------------------------


def test_all_is_good(healthy: Path) -> None:
    app = open_page("health")
    assert not app.exception
    [success] = successes(app)
    assert success.startswith("All good")
    assert "to do**" not in texts(app)
    assert "Every row was accepted. Nothing to do." in texts(app)
    assert "No immature days" in texts(app)
    assert "The only campaign has no experiment" in texts(app)


@pytest.mark.parametrize(("age", "is_stale"), [(7, False), (8, True)])
def test_data_are_stale_after_the_days_of_the_setting(
    age: int, is_stale: bool, empty_warehouse: Path
) -> None:
    last_day = TODAY - timedelta(days=age)
    rows = [dict(row) | {"date_day": last_day} for row in ROWS["fct_influencer_days"][:1]]
    publish(empty_warehouse, {"fct_influencer_days": rows, "fct_revenue_days": []})
    app = open_page("health")
    assert ("The data are stale" in texts(app)) == is_stale
    assert (f"{age} days ago" in texts(app)) == is_stale
    assert bool(successes(app)) != is_stale


def test_what_there_is_to_do(troubled: Path) -> None:
    app = open_page("health")
    assert not app.exception and not app.success
    told = plain_texts(app)
    assert "**7 issues to resolve**" in told
    assert "**₹50 of spend has no known brand or campaign**" in told
    assert "**The data are stale**: they end on 10 Jan 2025" in told
    assert "**5 of 20 rows of payouts**, worth ₹200.25, were rejected" in told
    assert "**Headers of posts that are not used**: Colour, *x*." in told
    assert "**Posts end 8 days before the orders**, on 2 Jan 2025" in told
    assert "**1 file was not read.**" in told
    assert "**3 values are not found**, in rows worth ₹3,501." in told
    assert "Payouts end" not in told  # only a day before
    assert "Not in the exports: campaigns (dates" in told
    assert "products (cost of goods and contribution)" in told
    assert "posts (" not in told


def test_every_line_says_what_to_do(troubled: Path) -> None:
    app = open_page("health")
    shown = [str(element.value) for element in app.markdown]
    lines = [text for text in shown if text.startswith(":material/") and "**" in text]
    advice = [str(caption.value) for caption in app.caption]
    remedies = [text for text in advice if text.startswith(("Remedy: ", "Nothing to do"))]
    assert len(lines) == len(remedies) == 13
    assert all(len(text) >= len("Nothing to do.") for text in remedies)


def test_freshness(troubled: Path) -> None:
    assert tiles(open_page("health")) == {
        "Orders until": "10 Jan 2025",
        "Posts until": "2 Jan 2025",
        "Payouts until": "9 Jan 2025",
        "Published": f"{TODAY.day} {TODAY:%b %Y}",
    }


def test_raw_tables_by_hand(troubled: Path) -> None:
    rows = open_page("health").dataframe[0].value.set_index("raw_table")
    assert list(rows.index) == ["tracking_data", "payouts", "posts"]  # not what has no file
    assert rows["accepted_share"].to_dict() == {"tracking_data": 1.0, "payouts": 0.75, "posts": 0.8}
    assert rows.loc["payouts", "amount_rejected"] == 200.25
    assert rows["amount_read"].isna().to_dict() == {
        "tracking_data": True,
        "payouts": False,
        "posts": True,
    }


def unescaped(frame: Any) -> Any:
    return frame.map(lambda cell: str(cell).replace("\\", ""))


def test_rejected_rows_by_what_is_wrong(troubled: Path) -> None:
    rejected, noted, elsewhere = [unescaped(shown.value) for shown in open_page("health").table]
    of_code = {row["reason_code"]: row for row in ROWS["dim_reasons"]}
    columns = ["Raw table", "Column", "Reason", "Rows", "Amount"]
    assert rejected[columns].to_numpy().tolist() == [
        ["payouts", "rate", of_code["unreadable"]["sentence"], "2", "₹200.25"],
        ["payouts", "influencer_id", of_code["empty"]["sentence"], "1", "–"],
        ["payouts", "status", of_code["unreadable"]["sentence"], "1", "–"],
        ["payouts", "the whole row", of_code["not_split"]["sentence"], "1", "–"],
    ]
    assert rejected["Example"][0] == 'payouts.csv, record 1: rate "5"" is not a number'
    assert list(rejected["Remedy"]) == [
        of_code[code]["remedy"] for code in ("unreadable", "empty", "unreadable", "not_split")
    ]
    assert noted[["Raw table", "Column", "Rows"]].to_numpy().tolist() == [["posts", "likes", "1"]]
    assert list(elsewhere["Rows"]) == ["2", "1"]
    assert list(elsewhere["Remedy"]) == [of_code[code]["remedy"] for code in ("copy", "superseded")]


def test_a_code_that_the_file_has_no_sentence_for(empty_warehouse: Path) -> None:
    publish(
        empty_warehouse,
        {
            "rpt_data_health": [table("payouts", 1, rejected=1)],
            "fct_rejected_rows": [reject(1, "unheard_of", "x", None, "something unheard of")],
        },
    )
    [shown] = open_page("health").table
    assert unescaped(shown.value)["Reason"][0] == "something unheard of"


def test_rejected_rows_of_one_table(troubled: Path) -> None:
    app = open_page("health", raw_table="posts")
    assert app.selectbox(key="raw_table").value == "posts"
    assert app.selectbox(key="raw_table").options == ["All", "payouts", "posts"]
    assert "No row was rejected. Nothing to do." in texts(app)
    assert [set(shown.value["Raw table"]) for shown in app.table] == [{"posts"}, {"posts"}]
    assert list(app.dataframe[2].value["record_number"]) == [4, 5, 6]
    assert [link.proto.query_string for link in app.get("page_link")] == ["mart=fct_rejected_rows"]
    assert len(open_page("health", raw_table="nonsense").table[0].value) == 4


def test_columns_that_no_table_needs_are_left_out(troubled: Path, healthy: Path) -> None:
    assert "rows_unreadable" not in open_page("health").dataframe[0].value.columns


def test_files_and_their_notes(troubled: Path) -> None:
    told = plain_texts(open_page("health"))
    assert "**Not read (1)**\n- leads.csv: its name is that of no table; rename it" in told
    # A note may read like the beginning of the next file's.
    first = "- posts/a.csv: line 2 is the header; notes.txt: 1 line is left out"
    assert f"{first}\n- posts/b.tsv: UTF-16" in told


def test_no_file_with_a_note(healthy: Path) -> None:
    assert "Every file was read without assumptions" in texts(open_page("health"))


def test_values_that_were_found_nowhere(troubled: Path) -> None:
    app = open_page("health")
    shown = next(frame.value for frame in app.dataframe if "nearest" in frame.value.columns)
    assert list(shown["value"]) == ["Goaa", "FIT1O", "i9"]  # most money first
    assert list(shown["nearest"].fillna("")) == ["", "FIT10", ""]
    assert list(shown["remedy"].fillna("")) == ["", "Add it.", ""]
    assert app.selectbox(key="not_found").options == [
        *("All", "Coupon codes", "Influencers", "Regions"),
    ]
    assert "Download 3 rows" in texts(app)
    app = open_page("health", not_found="Coupon codes")
    shown = next(frame.value for frame in app.dataframe if "nearest" in frame.value.columns)
    assert list(shown["value"]) == ["FIT1O"]
    assert "Download 1 row" in texts(app)


def test_everything_was_found(healthy: Path) -> None:
    app = open_page("health")
    assert "Every value in the exports was found. Nothing to do." in texts(app)


def test_nothing_was_read(tiny_warehouse: Path) -> None:
    app = open_page("health")
    assert not app.exception
    assert "No table was read" in app.info[0].value


def campaigns(**basis: str) -> list[Row]:
    """Campaigns with the basis of their factor; one of its own is that of an experiment."""
    return [
        dict(row)
        | {"factor_basis": basis.get(row["campaign_id"], "no factor")}
        | {"has_experiment": basis.get(row["campaign_id"]) == "own experiment"}
        for row in ROWS["dim_campaigns"]
    ]


EXPERIMENTS: Mapping[str, Sequence[Row]] = {
    # That of Winter could not be measured.
    "dim_campaigns": [
        row | {"has_experiment": row["campaign_id"] in ("c1", "c3")}
        for row in campaigns(c1="own experiment", c3="pooled")
    ],
    "dim_experiments": [
        {"experiment_id": "c1", "experiment_name": "Summer", "campaign_id": "c1", "brand": "A"},
        {"experiment_id": "c3", "experiment_name": "Winter", "campaign_id": "c3", "brand": "B"},
        {"experiment_id": "g1", "experiment_name": "Geo", "campaign_id": "(none)", "brand": "B"},
    ],
    "fct_incremental_roas": [
        {
            "experiment_id": experiment,
            "method": method,
            "is_default": is_default,
            "verdict": verdict,
            "reason_code": reason,
            "spoiling_campaigns": campaigns,
        }
        for experiment, method, is_default, verdict, reason, campaigns in [
            ("c1", "tbr", True, "profitable", "interval_above", None),
            ("c1", "gbr", False, "not measurable", "no_cost_by_region", None),
            ("c3", "tbr", True, "not measurable", "treated_regions_overlap", "c2, c9"),
            ("g1", "tbr", True, "not measurable", "treated_regions_overlap", "c1"),
        ]
    ],
}


def test_experiments_that_could_not_be_measured(empty_warehouse: Path) -> None:
    publish(empty_warehouse, EXPERIMENTS)
    told = plain_texts(open_page("health"))
    assert (
        "**2 of 3 experiments could not be measured** (Winter, Geo). Other campaigns also run in"
        " some of its treated regions: Summer (c2), c9, Summer (c1)." in told
    )
    assert "run other campaigns of the brand in all of its regions or in none" in told
    assert "All 2 campaigns have an experiment" in told
    # Of attributed revenue, 550 is of campaign c1 and 150 of c3.
    assert (
        "78.6 % by the campaign's own experiment; 21.4 % by experiments of other campaigns" in told
    )
    told = plain_texts(open_page("health", brand="A"))
    assert "The only experiment could be measured" in told


def test_campaigns_without_an_experiment(empty_warehouse: Path) -> None:
    publish(empty_warehouse, {"dim_campaigns": campaigns(c1="own experiment", c3="pooled")})
    told = plain_texts(open_page("health"))
    assert "**1 of 2 campaigns have no experiment**, with ₹250 of spend" in told
    # Of 400, the 100 for Asha's campaign have incremental revenue.
    assert "**25.0 % of spend is measurable**" in told


def test_immature_days_and_when_they_are_not(empty_warehouse: Path) -> None:
    days = [
        dict(row) | {"is_immature": row["date_day"] > "2025-01-01"}
        for row in ROWS["fct_influencer_days"]
    ]
    publish(empty_warehouse, {"fct_influencer_days": days})
    told = plain_texts(open_page("health"))
    assert "**2 Jan 2025 – 10 Jan 2025 are immature**: part of ₹200 of attributed revenue" in told
    assert "check again after 9 Feb 2025" in told  # 30 days after the 10th
    assert "No immature days" in plain_texts(
        open_page("health", dates=["2025-01-01", "2025-01-01"])
    )


def test_orders_without_an_influencer(empty_warehouse: Path) -> None:
    revenue = [
        {"date_day": "2025-01-01", "brand": "A", "channel": "influencer", "orders": 5},
        {"date_day": "2025-01-02", "brand": "A", "channel": "organic", "orders": 10},
        {"date_day": "2025-01-02", "brand": "B", "channel": "direct", "orders": 5},
    ]
    publish(empty_warehouse, {"fct_revenue_days": revenue})
    app = open_page("health")
    assert "**75.0 % of orders have no influencer**" in texts(app)
    channels = app.dataframe[-1].value
    assert dict(zip(channels["channel"], channels["orders"], strict=True)) == {
        "organic": 10,
        "direct": 5,
        "influencer": 5,
    }
    assert "**66.7 % of orders have no influencer**" in texts(open_page("health", brand="A"))


# --- The default world -------------------------------------------------------------------------


def published(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        connection.execute("use marts")
        return connection.execute(sql, parameters).fetchall()


def selections() -> dict[str, tuple[Selection, dict[str, Any], str]]:
    """Selections, the URL of each, and which influencer days each keeps."""
    options = data.options()
    whole = Selection(options.first_day, options.last_day)
    brand, platform = (next(iter(options.labels[name])) for name in ("brand", "platform"))
    last = options.last_day - timedelta(days=60)
    return {
        "all": (whole, {}, "true"),
        "brand": (whole.having(brand=(brand,)), {"brand": brand}, f"days.brand = '{brand}'"),
        "platform and dates": (
            replace(whole, last_day=last).having(platform=(platform,)),
            {"platform": platform, "dates": [str(options.first_day), str(last)]},
            f"platform = '{platform}' and date_day <= date '{last}'",
        ),
    }


@pytest.mark.parametrize("name", ["all", "brand", "platform and dates"])
def test_limits_of_the_default_world(name: str, simulated_warehouse: Path) -> None:
    selection, query, kept = selections()[name]
    app = open_page("health", **query)
    assert not app.exception and not app.error
    told = plain_texts(app)
    rows = f"""
        from fct_influencer_days as days
        inner join dim_influencers as influencers using (influencer_id)
        where {kept}
    """
    [(immature,)] = published(f"select sum(attributed_revenue) {rows} and is_immature")
    if name == "platform and dates":
        assert immature is None and "No immature days" in told
    else:
        assert f"part of {money(immature)} of attributed revenue can still be returned" in told
    [(spend, measured)] = published(
        f"select sum(spend), sum(spend) filter (incremental_revenue is not null) {rows}"
    )
    assert f"**{percent(measured / spend)} of spend is measurable**" in told
    campaigns = {
        campaign: (bool(has_one), amount)
        for campaign, has_one, amount in published(
            f"""
            select
                campaign_id,
                campaign_id in (select campaign_id from dim_experiments),
                sum(spend)
            {rows} and campaign_id <> '(none)'
            group by campaign_id
            """
        )
    }
    without = [amount for has_one, amount in campaigns.values() if not has_one]
    assert without
    assert f"**{len(without)} of {len(campaigns)} campaigns have no experiment**" in told
    assert f"with {money(sum(without, Decimal(0)))} of spend" in told
    assert selection == app.session_state["view"].selection


def test_channels_and_experiments_of_a_brand(simulated_warehouse: Path) -> None:
    _, query, _ = selections()["brand"]
    brand = query["brand"]
    app = open_page("health", brand=brand)
    orders = dict(
        published(
            """
            select channel, sum(orders)
            from fct_revenue_days
            where brand = $brand
            group by channel
            """,
            brand=brand,
        )
    )
    shown = app.dataframe[-1].value
    assert dict(zip(shown["channel"], shown["orders"], strict=True)) == orders
    others = sum(orders.values()) - orders["influencer"]
    assert f"**{percent(others / sum(orders.values()))} of orders have no influencer**" in texts(
        app
    )
    [(experiments, unmeasured)] = published(
        """
        select count(*), count(*) filter (verdict = 'not measurable')
        from fct_incremental_roas
        inner join dim_experiments using (experiment_id)
        where is_default and brand = $brand
        """,
        brand=brand,
    )
    told = plain_texts(app)
    if unmeasured:
        assert f"of {experiments} experiments could not be measured" in told
    else:
        assert f"All {experiments} experiments could be measured" in told


def test_raw_tables_of_the_default_world(simulated_warehouse: Path) -> None:
    shown = open_page("health").dataframe[0].value.set_index("raw_table")
    rows = published(
        "select raw_table, rows_read, rows_accepted from rpt_data_health where files > 0"
    )
    assert {name: (row["rows_read"], row["rows_accepted"]) for name, row in shown.iterrows()} == {
        name: (read, accepted) for name, read, accepted in rows
    }

"""The data explorer without a browser: what it shows against queries of the tests' own."""

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.python.viewer.pages import open_page, texts
from tests.python.viewer.tiny import MARKDOWN_NAME, publish
from viewer.published import published_path


def explore(mart: str, **query: str | list[str]) -> AppTest:
    app = open_page("explorer", mart=mart, **query)
    assert not app.exception
    return app


def shown(app: AppTest) -> pd.DataFrame:
    return app.dataframe[0].value


def published(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        connection.execute("use marts")
        return connection.execute(sql).fetchall()


def labels(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


# --- Figures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "where", "order"),
    [
        ({}, "true", ""),
        ({"brand": "MuscleBlaze", "dates": ["2025-06-01", "2025-09-30"]},
         "brand = 'MuscleBlaze' and date_day between '2025-06-01' and '2025-09-30'", ""),
        ({"platform": "YouTube", "c1": "orders", "o1": ">=", "v1": "3"},
         "influencer_id in (select influencer_id from dim_influencers where platform = 'YouTube')"
         " and orders >= 3", ""),
        ({"c1": "campaign_id", "o1": "is not", "v1": "(none)", "c3": "spend", "o3": ">=",
          "v3": "5,000", "sort": "spend", "order": "Descending"},
         "campaign_id <> '(none)' and spend >= 5000", "spend desc"),
        ({"c1": "reach", "o1": "is empty", "sort": "date_day"}, "reach is null", "date_day"),
    ],
)  # fmt: skip
def test_rows_are_those_of_an_own_query(
    query: dict[str, Any], where: str, order: str, simulated_warehouse: Path
) -> None:
    [(rows, spend)] = published(
        f"select count(*), sum(spend)::double from fct_influencer_days where {where}"
    )
    assert rows > 3
    app = explore("fct_influencer_days", **query)
    words = texts(app)
    table = shown(app)
    if rows <= 1000:
        assert f"Download {rows:,} rows" in words
        assert len(table) == rows
        assert table["spend"].sum() == pytest.approx(spend)
    else:
        assert len(table) == 1000
        assert "Showing the first 1,000 of" in words and f"{rows:,} rows" in words
    if order:
        column, _, direction = order.partition(" ")
        first = published(
            f"select {column} from fct_influencer_days where {where} order by {order} limit 1000"
        )
        values = table[column].tolist()
        assert values == sorted(values, reverse=direction == "desc")
        assert float(pd.Timestamp(values[0]).value if column == "date_day" else values[0]) == (
            float(pd.Timestamp(first[0][0]).value if column == "date_day" else first[0][0])
        )


def test_every_mart_can_be_shown(simulated_warehouse: Path) -> None:
    marts = published("select table_name, estimated_size from duckdb_tables()")
    assert len(marts) > 20
    app = open_page("explorer")
    for mart, rows in marts:
        app.selectbox(key="mart").set_value(mart).run()
        assert not app.exception, mart
        assert len(app.dataframe) == (1 if rows else 0), mart
        assert len(app.get("download_button")) == (3 if rows else 0), mart


# --- Choosing ----------------------------------------------------------------------------------


def test_columns_are_shown_in_the_order_of_choice(tiny_warehouse: Path) -> None:
    app = explore("fct_influencer_days", columns=["spend", "brand"])
    assert list(shown(app)) == ["spend", "brand"]


def test_all_columns_by_default_with_their_comments(tiny_warehouse: Path) -> None:
    app = explore("fct_influencer_days")
    names = [
        name for (name,) in published("select column_name from (describe fct_influencer_days)")
    ]
    assert list(shown(app)) == names
    assert "Rupees earned by the influencer." in app.dataframe[0].proto.columns
    assert "What each influencer did." in texts(app)


def test_another_mart_lets_go_of_columns_that_it_does_not_have(tiny_warehouse: Path) -> None:
    app = explore(
        "fct_influencer_days", columns=["spend", "brand"], sort="spend", c1="brand", v1="B"
    )
    assert shown(app)["spend"].tolist() == [250]
    app.selectbox(key="mart").set_value("dim_brands").run()
    assert not app.exception
    assert list(shown(app)) == ["brand"]
    assert shown(app)["brand"].tolist() == ["B"]
    assert app.selectbox(key="sort").value is None


def test_what_the_url_asks_for_and_the_mart_does_not_have_is_left_out(
    tiny_warehouse: Path,
) -> None:
    app = explore(
        "dim_brands",
        columns=["brand", "secrets; drop table dim_brands"],
        sort='x" desc; --',
        order="Sideways",
        c1="nothing",
        v1="A",
        o2="=",
    )
    assert shown(app)["brand"].tolist() == ["(none)", "A", "B"]


def test_an_unknown_mart_falls_back(tiny_warehouse: Path) -> None:
    assert explore("secrets").selectbox(key="mart").value == "fct_influencer_days"


def test_a_value_of_the_wrong_kind_is_told_and_left_out(tiny_warehouse: Path) -> None:
    app = explore("fct_influencer_days", c1="spend", o1=">=", v1="[x](http://y)")
    [warning] = app.warning
    assert "spend holds figures" in warning.value
    assert r"\[x\]" in warning.value  # shown as it is, not as a link
    assert len(shown(app)) == 4


def test_conditions_take_effect_at_once(tiny_warehouse: Path) -> None:
    app = explore("fct_influencer_days")
    app.selectbox(key="c1").set_value("spend")
    app.selectbox(key="o1").set_value(">=")
    app.text_input(key="v1").set_value("100").run()
    assert sorted(shown(app)["spend"]) == [100, 250]
    app.selectbox(key="c2").set_value("brand")
    app.text_input(key="v2").set_value("B").run()
    assert shown(app)["spend"].tolist() == [250]
    assert any(one.label == "Conditions (2)" for one in app.expander)


def test_text_of_the_data_is_no_markdown(tiny_warehouse: Path) -> None:
    app = explore("dim_influencers", c1="influencer_name", v1=MARKDOWN_NAME)
    assert shown(app)["influencer_id"].tolist() == ["i3"]


# --- What applies ------------------------------------------------------------------------------


def test_it_is_told_which_filters_apply(tiny_warehouse: Path) -> None:
    query: dict[str, Any] = {"platform": "Instagram", "brand": "B"}
    words = texts(explore("fct_payout_lines", dates=["2025-01-01", "2025-01-09"], **query))
    assert "Filtered by Dates, Platform; rows without a date are kept." in words
    assert "Not filtered by Brand: this mart has no such column." in words


def test_nothing_left_says_what_to_widen(tiny_warehouse: Path) -> None:
    app = explore("fct_influencer_days", brand="A", c1="spend", o1=">=", v1="1000")
    [info] = app.info
    assert "has no rows here. Widen Brand or the conditions." in info.value
    assert not app.dataframe and not app.get("download_button")


def test_an_empty_mart(tiny_warehouse: Path) -> None:
    app = explore("rpt_influencer_performance")
    assert "has no rows here. The published table is empty." in app.info[0].value


# --- Downloads ---------------------------------------------------------------------------------


def test_downloads_are_of_all_rows(tiny_warehouse: Path) -> None:
    app = explore("fct_influencer_days", brand="B")
    assert labels(app) == ["CSV", "XLSX", "Parquet"]
    assert "Download 1 row" in texts(app)
    assert not any(button.proto.disabled for button in app.get("download_button"))


def test_a_workbook_that_cannot_hold_the_rows_is_not_offered(
    empty_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = publish(empty_warehouse)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "insert into marts.fct_revenue_days (date_day, channel)"
            " select date '2025-01-01', 'organic' from range(1048571)"
        )
    app = explore("fct_revenue_days")  # and five rows of the tiny file
    csv, xlsx, parquet = (button.proto for button in app.get("download_button"))
    assert xlsx.disabled and "A sheet holds" in xlsx.help
    assert not csv.disabled and not parquet.disabled
    one_less = explore("fct_revenue_days", c1="brand", o1="is empty")
    assert not one_less.get("download_button")[1].proto.disabled

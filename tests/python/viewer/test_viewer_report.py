"""The report without a browser: its figures against marts and queries of the tests' own."""

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.python.viewer.pages import figures, open_page, trace
from tests.python.viewer.tiny import ROWS, publish
from viewer import report
from viewer.format import count, money, percent, ratio
from viewer.published import published_path
from viewer.selection import OwnPersona, Selection, View

JANUARY = Selection(date(2025, 1, 1), date(2025, 1, 10))
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """Tables, pairs of terms and headings of a page, and every tag in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.pairs: dict[str, str] = {}
        self.headings: list[str] = []
        self.paragraphs: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.rows: list[list[str]] = []
        self.caption = self.term = ""
        self.feed(html)
        self.close()
        assert self.open == [], "tags that are not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("meta", "img"):
            return
        self.open.append(tag)
        self.texts.append("")
        if tag == "table":
            self.rows = []
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        text = self.texts.pop().strip()
        if tag in ("th", "td"):
            self.rows[-1].append(text)
        elif tag == "table":
            self.tables[self.caption] = self.rows
        elif tag == "caption":
            self.caption = text
        elif tag == "dt":
            self.term = text
        elif tag == "dd":
            self.pairs[self.term] = text
        elif tag in ("h1", "h2"):
            self.headings.append(text)
        elif tag == "p":
            self.paragraphs.append(text)
        elif tag == "small":
            self.texts[-1] += f" {text}"

    def handle_data(self, data: str) -> None:
        if self.texts:
            self.texts[-1] += data


def shown(app: AppTest) -> Reader:
    assert not app.exception
    bodies = [element.proto.body for element in app.get("html")]
    return Reader("".join(body for body in bodies if 'class="report"' in body))


def published(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        connection.execute("use marts")
        return connection.execute(sql).fetchall()


def table(page: Reader, start: str) -> list[list[str]]:
    """Rows of a table, without its headers."""
    [rows] = [rows for caption, rows in page.tables.items() if caption.startswith(start)]
    return rows[1:]


def span(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{ratio(low)} to {ratio(high)}"


# --- Figures of the whole period are those of the published reports ----------------------------


@pytest.fixture(scope="module")
def whole(simulated_warehouse: Path) -> Reader:
    return shown(open_page("report", details="true"))


def test_headlines(whole: Reader) -> None:
    [(spend, revenue, orders, new, known)] = published(
        """
        select
            sum(spend), sum(attributed_revenue), sum(orders), sum(new_customer_orders),
            sum(orders_of_known_customers)
        from fct_influencer_days
        """
    )
    [(incremental, measured)] = published(
        """
        select sum(incremental_revenue), sum(spend) filter (incremental_revenue is not null)
        from rpt_influencer_performance
        """
    )
    assert whole.pairs["Spend"] == money(spend)
    assert whole.pairs["Attributed revenue"] == money(revenue)
    assert whole.pairs["ROAS"] == ratio(revenue / spend)
    assert whole.pairs["Orders"] == count(orders)
    assert whole.pairs["Cost per order"] == money(spend / orders)
    assert whole.pairs["New-customer share"] == percent(new / known)
    assert whole.pairs["Incremental revenue"].startswith(money(incremental))
    assert measured > 0.5 * float(spend)


def test_what_it_is_about_is_written_on_it(whole: Reader) -> None:
    [(first, last)] = published("select min(date_day), max(date_day) from fct_revenue_days")
    assert whole.pairs["Filters"] == f"{first:%-d %b %Y} – {last:%-d %b %Y}"
    assert whole.pairs["As of"].startswith(f"{last:%-d %b %Y}")
    assert "simulated world" in whole.pairs["Published"]
    assert whole.pairs["Method"].startswith("the default")
    assert "90 %" in whole.pairs["Confidence intervals"]


@pytest.mark.parametrize(
    ("what", "verdict", "order"),
    [
        ("Top", "profitable", "prob_profitable desc, iroas desc"),
        ("Bottom", "unprofitable", "iroas_high"),
    ],
)
def test_best_and_worst_influencers(what: str, verdict: str, order: str, whole: Reader) -> None:
    expected = published(
        f"""
        select
            influencer_name, persona, spend, orders, roas, iroas, iroas_low, iroas_high, verdict
        from rpt_influencer_performance
        where verdict = '{verdict}'
        order by {order}, influencer_id
        limit 10
        """
    )
    assert len(expected) >= 4
    rows = [
        [name, persona, money(spend), count(orders), ratio(roas), ratio(iroas), span(low, high), v]
        for name, persona, spend, orders, roas, iroas, low, high, v in expected
    ]
    assert table(whole, f"{what} influencers") == rows
    at_a_glance = [[name, spend, iroas, ci] for name, _, spend, _, _, iroas, ci, _ in rows[:5]]
    assert table(whole, f"{what} {len(at_a_glance)} influencers") == at_a_glance
    assert whole.headings.count(f"{verdict.capitalize()} influencers") == 2


def test_lists_are_called_by_what_they_hold() -> None:
    def people(*verdicts: str) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "influencer_id": [f"i{number}" for number, _ in enumerate(verdicts)],
                "verdict": verdicts,
                "iroas": [2.0 if verdict != "unprofitable" else 0.2 for verdict in verdicts],
                "iroas_low": [1.5 if verdict == "profitable" else 0.1 for verdict in verdicts],
                "iroas_high": [0.4 if verdict == "unprofitable" else 3.0 for verdict in verdicts],
                "break_even": 1.0,
                "prob_profitable": 0.5,
            }
        )

    best, worst = report.ranked(people("inconclusive", "profitable", "not measurable"))
    assert best["verdict"].tolist() == ["profitable"]
    assert report.kind_of(best, "Top") == "Profitable influencers"
    assert worst.empty
    best, worst = report.ranked(people("inconclusive", "unprofitable"))
    assert best["verdict"].tolist() == ["inconclusive"]
    assert report.kind_of(best, "Top") == "None is surely profitable; most promising"
    assert report.kind_of(worst, "Bottom") == "Unprofitable influencers"


def test_personas(whole: Reader) -> None:
    expected = published(
        """
        select
            persona, influencers, spend, attributed_revenue, roas, iroas, iroas_low, iroas_high,
            verdict
        from rpt_persona_performance
        where influencers > 0 and (spend > 0 or attributed_revenue > 0)
        order by spend desc, persona
        """
    )
    rows = table(whole, "Personas")
    assert [row[:1] + row[2:] for row in rows] == [
        [persona, money(spend), money(revenue), ratio(roas), ratio(iroas), span(low, high), verdict]
        for persona, _, spend, revenue, roas, iroas, low, high, verdict in expected
    ]


def test_experiments(whole: Reader) -> None:
    expected = published(
        """
        select experiment_name, incremental_revenue, iroas, iroas_low, iroas_high, verdict
        from fct_incremental_roas inner join dim_experiments using (experiment_id)
        where is_default
        order by test_start desc, experiment_id
        """
    )
    assert len(expected) > 10
    rows = table(whole, "Experiments")
    assert [[row[0], *row[2:5]] for row in rows] == [
        [name, money(revenue), ratio(iroas), span(low, high)]
        for name, revenue, iroas, low, high, _ in expected
    ]
    assert [row[5].split(":")[0] for row in rows] == [verdict for *_, verdict in expected]


def test_payouts(whole: Reader) -> None:
    [(as_of,)] = published("select max(date_day) from fct_revenue_days")
    unpaid = "status not in ('paid', 'reversed')"
    [(earned, paid, due, overdue)] = published(
        f"""
        select
            sum(amount),
            sum(amount) filter (status = 'paid'),
            sum(amount) filter ({unpaid} and due_date >= '{as_of}'),
            sum(amount) filter ({unpaid} and due_date < '{as_of}')
        from fct_payout_lines
        """
    )
    amounts = {row[0]: row[1] for row in table(whole, "Payouts")}
    assert amounts["Earned"] == money(earned)
    assert amounts["Paid"] == money(paid)
    assert amounts["Due"] == money(due)
    assert amounts["Overdue"] == money(overdue)


def test_everything_that_belongs_to_it_is_there_in_order(whole: Reader) -> None:
    at_a_glance = [
        "Key findings",
        "Actual vs baseline revenue",
        "Profitable influencers",
        "Unprofitable influencers",
    ]
    assert shown(open_page("report")).headings == at_a_glance
    assert whole.headings == [
        *at_a_glance,
        "Profitable influencers",
        "Unprofitable influencers",
        "Personas",
        "Experiments",
        "Payouts",
        "How to read this",
    ]


def test_whoever_it_names_has_a_name(whole: Reader) -> None:
    told = str([whole.tables, whole.paragraphs, whole.pairs, whole.headings])
    names = [name for (name,) in published("select experiment_name from dim_experiments")]
    assert any(name in told for name in names)
    assert not re.search(r"\b(CMP|INF|EXP)\d+", told)


# --- Filters -----------------------------------------------------------------------------------


def test_filters_narrow_all_of_it(simulated_warehouse: Path) -> None:
    dates = ["2026-01-01", "2026-03-31"]
    app = open_page("report", brand="MuscleBlaze", dates=dates, details="true")
    page = shown(app)
    assert page.paragraphs[0] == "MuscleBlaze, Jan–Mar 2026: influencer marketing report"
    where = "brand = 'MuscleBlaze' and date_day between '2026-01-01' and '2026-03-31'"
    [(spend, revenue)] = published(
        f"select sum(spend), sum(attributed_revenue) from fct_influencer_days where {where}"
    )
    before = where.replace("2026-01-01", "2025-10-01").replace("2026-03-31", "2025-12-31")
    [(spend_before,)] = published(f"select sum(spend) from fct_influencer_days where {before}")
    assert page.pairs["Filters"] == "1 Jan 2026 – 31 Mar 2026 · MuscleBlaze"
    compared = "the previous quarter (1 Oct 2025 – 31 Dec 2025)"
    assert page.pairs["Compared with"] == compared
    assert page.pairs["Spend"] == f"{money(spend)} before: {money(spend_before)}"
    assert page.pairs["Attributed revenue"].startswith(money(revenue))
    experiments = published(
        """
        select experiment_name from dim_experiments
        where
            brand = 'MuscleBlaze' and test_start <= '2026-03-31' and cooldown_end >= '2026-01-01'
        order by test_start desc
        """
    )
    assert [row[0] for row in table(page, "Experiments")] == [name for (name,) in experiments]
    [(everything,)] = published(
        "select sum(revenue) from fct_revenue_days"
        " where brand = 'MuscleBlaze' and date_day between '2026-01-01' and '2026-03-31'"
    )
    [figure] = figures(app)
    drawn = trace(figure, "Revenue of all channels")
    assert sum(drawn["y"]) == pytest.approx(float(everything))  # days, of which none is cut
    assert figure["layout"]["template"]["layout"]["paper_bgcolor"] == "#ffffff"


@pytest.mark.parametrize("method", ["attributed", "organic_projection", "synthetic_control"])
def test_the_method_is_written_on_it(method: str, simulated_warehouse: Path) -> None:
    page = shown(open_page("report", method=METHODS[method], details="true"))
    rows = table(page, "Experiments")
    if method == "synthetic_control":
        assert "Synthetic control for experiments" in page.pairs["Method"]
        names = published(
            """
            select iroas from fct_incremental_roas
            inner join dim_experiments using (experiment_id)
            where method = 'synthetic_control' order by test_start desc, experiment_id
            """
        )
        assert [row[3] for row in rows] == [ratio(iroas) for (iroas,) in names]
        return
    assert "Incremental ROAS" not in page.pairs  # its label tells the method
    if method == "organic_projection":
        assert "not a causal measure" in page.pairs["Method"]
        # It subtracts what everybody else bought: at this size nobody is left above break-even.
        assert "No influencer." in page.paragraphs and "Top" not in str(page.tables)
        ranking, is_descending = table(page, "Bottom influencers"), False
    else:
        ranking, is_descending = table(page, "Top influencers"), True
    assert len(ranking) == 10 and {row[6] for row in ranking} == {"–"}
    roas = [float(row[5].removesuffix("x").replace("−", "-").replace(",", "")) for row in ranking]
    assert roas == sorted(roas, reverse=is_descending)


METHODS = {
    "attributed": "Attributed revenue",
    "organic_projection": "Organic projection (legacy)",
    "synthetic_control": "Synthetic control",
}


def test_by_hand(tiny_warehouse: Path) -> None:
    page = shown(open_page("report", details="true"))
    assert page.pairs["Spend"] == "₹400"
    assert page.pairs["ROAS"] == "1.75x"
    # Asha alone is measured: 300 of incremental revenue on 100 of 400 spent.
    assert page.pairs["Incremental revenue"].startswith("₹300")
    assert page.pairs["Incremental ROAS"].endswith("not measurable")
    assert [row[0] for row in table(page, "Top influencers")] == ["Asha"]
    # 300 ± 1.645 · √(30² + 40² + 120²) = 130, per 100 of spend.
    assert table(page, "Top influencers")[0][5:] == ["3.00x", "0.86x to 5.14x", "inconclusive"]
    assert "No influencer." in page.paragraphs  # among the worst
    assert "Experiments" not in page.headings
    amounts = {row[0]: row[1:] for row in table(page, "Payouts")}
    assert amounts["Earned"] == ["₹295.50", "6"]


def test_an_empty_selection_says_what_to_widen(tiny_warehouse: Path) -> None:
    app = open_page("report", brand="B", platform="YouTube")
    assert not app.exception
    assert "Clear" in app.info[0].value
    assert not app.get("download_button")


def test_a_persona_of_ones_own_is_told_in_full(tiny_warehouse: Path) -> None:
    page = shown(open_page("report", my_name="Food people", my_category="Food",
                           persona="★ Food people"))  # fmt: skip
    assert page.pairs["My persona"] == "Food people: Food"
    assert page.pairs["Spend"] == "₹300"


# --- The file ----------------------------------------------------------------------------------


def hostile_rows() -> dict[str, Any]:
    people: list[dict[str, Any]] = [dict(row) for row in ROWS["dim_influencers"]]
    people[0] |= {"influencer_name": HOSTILE, "persona": HOSTILE}
    return {
        "dim_influencers": people,
        "dim_experiments": [
            {
                "experiment_id": "e1",
                "experiment_name": HOSTILE,
                "test_start": "2025-01-02",
                "test_end": "2025-01-05",
            }
        ],
        "fct_incremental_roas": [
            {
                "experiment_id": "e1",
                "method": HOSTILE,
                "is_default": True,
                "verdict": "not measurable",
                "reason_code": "treated_regions_overlap",
                "spoiling_campaigns": HOSTILE,
            }
        ],
    }


def file_of(view: View) -> str:
    """The file with its details, without its chart and the library that draws it."""
    whole = report.document(report.of(view), has_details=True)
    before, chart = whole.split('<div class="report-chart"')
    assert chart.count("<script") == 3 and HOSTILE not in chart
    return before + chart.rpartition("</script>")[2].replace("</div>", "", 2).lstrip()


def test_the_file_escapes_whatever_the_data_hold(empty_warehouse: Path) -> None:
    publish(empty_warehouse, hostile_rows())
    own = OwnPersona(HOSTILE, min_followers=1)
    selection = Selection(date(2025, 1, 1), date(2025, 1, 10), own_persona=own)
    html = file_of(View(selection, own_persona=own))
    page = Reader(html)
    assert {"script", "img"}.isdisjoint({tag for tag, _ in page.tags})
    assert html.count("&lt;script&gt;") >= 6
    assert table(page, "Top influencers")[0][0] == HOSTILE
    assert table(page, "Experiments")[0][0] == HOSTILE


def test_the_page_escapes_whatever_the_data_hold(empty_warehouse: Path) -> None:
    publish(empty_warehouse, hostile_rows())
    page = shown(open_page("report", details="true"))
    assert {"script", "img"}.isdisjoint({tag for tag, _ in page.tags})
    assert table(page, "Top influencers")[0][0] == HOSTILE


def test_the_file_needs_nothing_else(tiny_warehouse: Path) -> None:
    html = file_of(View(JANUARY))
    assert html.startswith("<!doctype html>")
    page = Reader(html)
    loads = {"src", "href", "srcset", "data", "action"}
    assert not [tag for tag, attributes in page.tags if loads & set(attributes)]
    assert not re.search(r"url\(|@import|https?:", html)
    assert "@media print" in html
    title = "All brands, 1–10 Jan 2025: influencer marketing report"
    assert f"<title>{title}</title>" in html and f"<h1>{title}</h1>" in html


def test_words_of_findings_keep_their_marks() -> None:
    assert report._sentence(r"**A\*b** \<i\> & 2") == "<strong>A*b</strong> &lt;i&gt; &amp; 2"

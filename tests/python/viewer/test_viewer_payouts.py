"""Payouts, against rows counted by hand and against sums of one's own over the published lines."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.viewer.pages import alts, figures, open_page, texts, tiles
from tests.python.viewer.tiny import publish
from viewer import data
from viewer.format import money
from viewer.published import published_path
from viewer.selection import OwnPersona, Selection
from viewer.views import parts

JANUARY = Selection(date(2025, 1, 1), date(2025, 1, 10))
# The tiny data end on 10 January. Brand A has campaign c1, brand B has c2 and c3.
LINES = """
    payout_line_id influencer_id campaign_id event_date due_date   paid_date  status   amount     expected_amount difference payment_status is_unpaid days_overdue amount_check
    late           i1            c1          2025-01-01 2025-01-05 -          due      100.10     100.10          0          overdue        true      5            as_expected
    last_day       i1            c1          2025-01-02 2025-01-10 -          accrued  50         -               -          due            true      -            -
    next_month     i2            c3          2025-01-03 2025-02-15 -          due      25.05      -               -          due            true      -            -
    undated        i2            c3          -          -          -          accrued  7.77       -               -          no_due_date    true      -            -
    over           i2            (none)      2025-01-04 2025-01-06 2025-01-08 paid     1000000.07 999999.07       1          paid           false     -            over
    under          i3            c1          2025-01-05 2025-01-05 2025-01-05 paid     80         100             -20        paid           false     -            under
    back           i1            c1          2025-01-06 2025-01-07 -          reversed 500        400             100        reversed       false     -            -
    back-reversal  i1            c1          2025-01-06 2025-01-07 -          reversed -500       -400            -100       reversed       false     -            -
"""  # noqa: E501


def lines(status: str | None = None) -> list[dict[str, str | None]]:
    """The rows above, those of a status or all; a dash is no value, words are joined by _."""
    header, *rows = [line.split() for line in LINES.strip().splitlines()]
    named = [
        dict(zip(header, (None if cell == "-" else cell for cell in row), strict=True))
        for row in rows
    ]
    for row in named:
        for column in ("payment_status", "amount_check"):
            row[column] = (row[column] or "").replace("_", " ") or None
    return [row for row in named if status in (None, row["status"])]


@pytest.fixture
def payouts(empty_warehouse: Path) -> Path:
    """The viewer reads the payout lines above."""
    publish(empty_warehouse, {"fct_payout_lines": lines()})
    return empty_warehouse


def ledger(app: Any) -> list[str]:
    """Names of the lines that the ledger shows, in order."""
    return list(table_of_lines(app)["payout_line_id"])


def table_of_lines(app: Any) -> Any:
    """The ledger, among the tables of the page."""
    [found] = [one.value for one in app.dataframe if "days_overdue" in one.value]
    return found


# --- By hand -----------------------------------------------------------------------------------


def test_tiles_by_hand(payouts: Path) -> None:
    app = open_page("payouts")
    assert not app.exception and not app.error
    assert tiles(app) == {
        "Earned": "₹10.00 L",
        "Paid": "₹10.00 L",
        "Overdue": "₹100.10",
        "Due within 7 days": "₹50",
        "Due within 30 days": "₹50",
        "Due": "₹75.05",
        "No due date": "₹7.77",
        "Unpaid": "₹182.92",
        "Over-payments": "₹1",
        "Under-payments": "₹20",
    }
    told = texts(app)
    assert "as of 10 Jan 2025, the last day of the data" in told
    assert "6 lines, reversals net to zero" in told
    assert "The oldest overdue line was due on 5 Jan 2025, 5 days before" in told
    assert "₹7.77 on 1 line has no earned date" in told
    assert "₹7.77 on 1 line is unpaid and has no due date" in told
    assert "known for 3 of 6 lines" in told


def test_every_paisa_is_in_one_status(payouts: Path) -> None:
    totals = data.payout_totals(JANUARY)
    assert totals["earned"] == 1000262.99
    assert totals["paid"] == 1000080.07
    assert (totals["due"], totals["overdue"], totals["no_due_date"]) == (75.05, 100.10, 7.77)
    assert totals["unpaid"] == 182.92
    assert (totals["reversed"], totals["reversed_lines"]) == (0, 2)


def test_what_was_reversed_is_neither_too_much_nor_too_little(payouts: Path) -> None:
    totals = data.payout_totals(JANUARY.having(influencer=("i1",)))
    assert totals["earned"] == 150.10
    assert totals["over_booked"] == totals["under_booked"] == 0
    assert totals["over_booked_lines"] == totals["under_booked_lines"] == 0
    [row] = data.payout_influencers(JANUARY.having(influencer=("i1",))).to_dict("records")
    assert (row["lines"], row["earned"], row["difference"]) == (2, 150.10, 0)


def test_the_ledger_has_first_what_was_due_first(payouts: Path) -> None:
    app = open_page("payouts")
    assert ledger(app) == [
        *("late", "last_day", "next_month", "undated"),
        *("back", "back-reversal", "over", "under"),
    ]
    assert "8 lines, ₹10,00,262.99 in total." in texts(app)
    rows = table_of_lines(app).set_index("payout_line_id")
    assert rows["days_overdue"].dropna().to_dict() == {"late": 5}
    assert rows["payment_status"].to_dict() == {
        "late": "Overdue",
        "last_day": "Due",
        "next_month": "Due",
        "undated": "No due date",
        "back": "Reversed",
        "back-reversal": "Reversed",
        "over": "Paid",
        "under": "Paid",
    }


@pytest.mark.parametrize(
    ("status", "shown", "amount"),
    [
        ("Unpaid", ["late", "last_day", "next_month", "undated"], "₹182.92"),
        ("Overdue", ["late"], "₹100.10"),
        ("Due", ["last_day", "next_month"], "₹75.05"),
        ("No due date", ["undated"], "₹7.77"),
        ("Paid", ["over", "under"], "₹10,00,080.07"),
        ("Reversed", ["back", "back-reversal"], "₹0.00"),
        ("nonsense", None, "₹10,00,262.99"),
    ],
)
def test_the_ledger_by_status(
    status: str, shown: list[str] | None, amount: str, payouts: Path
) -> None:
    app = open_page("payouts", status=status)
    assert not app.exception
    assert f"{amount} in total." in texts(app)
    if shown is not None:
        assert ledger(app) == shown
        assert f"Download {len(shown)} row" in texts(app)
    assert tiles(app)["Overdue"] == "₹100.10"  # tiles have every status


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("Due date", "late"),
        ("Amount", "over"),
        ("Difference", "under"),
        ("Earned on", "back"),
        ("Influencer", "next_month"),  # of the name that begins with a sign
    ],
)
def test_the_ledger_in_another_order(order: str, first: str, payouts: Path) -> None:
    assert ledger(open_page("payouts", ledger_order=order))[0] == first


def test_a_brand_is_that_of_the_campaign(payouts: Path) -> None:
    app = open_page("payouts", brand="B")
    assert ledger(app) == ["next_month", "undated"]
    assert tiles(app)["Earned"] == "₹32.82"
    assert "₹10.00 L on 1 line has no campaign" in texts(app)
    app = open_page("payouts", brand=["B", "(none)"])
    assert sorted(ledger(app)) == ["next_month", "over", "undated"]
    assert "has no campaign" not in texts(app)


def test_a_brand_and_a_campaign_of_another_brand_have_nothing_in_common(payouts: Path) -> None:
    # Winter is a campaign of brand B.
    app = open_page("payouts", brand="A", campaign="Winter")
    assert not app.exception and not app.metric
    assert "Clear Brand or Campaign" in app.info[0].value


def test_undated_lines_stay_whatever_the_dates(payouts: Path) -> None:
    app = open_page("payouts", dates=["2025-01-03", "2025-01-04"])
    assert sorted(ledger(app)) == ["next_month", "over", "undated"]
    app = open_page("payouts", dates=["2025-01-07", "2025-01-08"])
    assert ledger(app) == ["undated"]
    assert "it is included for any dates, but in no month" in texts(app)


def test_months_by_hand(payouts: Path) -> None:
    rows = data.payout_months(JANUARY).assign(month=lambda months: months["month"].dt.date)
    assert rows.to_dict("records") == [
        {
            "month": date(2025, 1, 1),
            "earned_paid": 1000080.07,
            "earned_unpaid": 175.15,  # without what has no day, and what was reversed
            "due": 50.0,
            "overdue": 100.10,
        },
        {
            "month": date(2025, 2, 1),
            "earned_paid": 0.0,
            "earned_unpaid": 0.0,
            "due": 25.05,
            "overdue": 0.0,
        },
    ]


def test_charts_leave_out_months_without_anything(payouts: Path) -> None:
    app = open_page("payouts")
    assert alts(app) == [
        "Bar chart of what was earned by month: Jan 2025 ₹10.00 L.",
        "Bar chart of unpaid payouts by the month they fall due: Jan 2025 ₹150.10; Feb 2025"
        " ₹25.05.",
    ]
    overdue, due = figures(app)[1]["data"]
    assert (overdue["name"], due["name"]) == ("Overdue", "Due")
    assert overdue["x"] == due["x"] == ["Jan 2025", "Feb 2025"]
    assert (overdue["y"], due["y"]) == ([100.1, 0.0], [50.0, 25.05])
    # A click or a drag picks whole months.
    assert [pick[:2] for pick in due["customdata"]] == [
        ["2025-01-01", "2025-01-31"], ["2025-02-01", "2025-02-28"]
    ]  # fmt: skip


def test_names_of_influencers_link_to_their_page(payouts: Path) -> None:
    links = open_page("payouts", brand="B").dataframe[0].value["influencer"]
    assert set(links) == {
        "/influencer?id=i2&brand=B#%3DHYPERLINK%28%22http%3A//x.example%22%29",
    }


def test_influencers_by_hand(payouts: Path) -> None:
    [rows] = [one.value for one in open_page("payouts").dataframe if "booked" in one.value]
    assert list(rows["difference"])[:2] == [-20.0, 1.0]
    assert list(rows["booked"])[:2] == [80.0, 1000000.07]
    assert list(rows["expected"])[:2] == [100.0, 999999.07]
    of_i2 = rows.iloc[1]
    assert (of_i2["earned"], of_i2["paid"], of_i2["unpaid"]) == (1000032.89, 1000000.07, 32.82)


def test_what_is_owed_does_not_depend_on_the_dates(payouts: Path) -> None:
    """Of 2 and 3 January; the line that is overdue was earned on the 1st."""
    app = open_page("payouts", dates=["2025-01-02", "2025-01-03"])
    shown = tiles(app)
    assert (shown["Earned"], shown["Overdue"], shown["Unpaid"]) == ("₹82.82", "₹100.10", "₹182.92")
    assert "To pay by 17 Jan 2025: ₹150.10 to 1 influencer" in texts(app)
    nothing_earned = open_page("payouts", dates=["2025-01-09", "2025-01-10"], influencer="i1")
    assert tiles(nothing_earned)["Overdue"] == "₹100.10"


def test_what_is_owed_is_seen_from_a_day_of_choice(payouts: Path) -> None:
    app = open_page("payouts", as_of="2025-02-10")
    assert not app.exception
    shown = tiles(app)
    assert (shown["Overdue"], shown["Due within 7 days"]) == ("₹150.10", "₹25.05")
    assert (shown["Due"], shown["No due date"]) == ("₹25.05", "₹7.77")
    [owed] = [one.value for one in app.dataframe if "first_due_date" in one.value]
    assert list(owed["overdue"]) == [150.10, 0.0]
    assert list(owed["unpaid"]) == [150.10, 32.82]
    assert list(owed["first_due_date"]) == [date(2025, 1, 5), date(2025, 2, 15)]
    early = tiles(open_page("payouts", as_of="2025-01-01"))
    assert (early["Overdue"], early["Due within 7 days"]) == ("₹0", "₹100.10")
    assert (early["Due within 30 days"], early["Due"]) == ("₹150.10", "₹175.15")


def test_the_pay_list_has_everybody_once_to_the_paisa(payouts: Path) -> None:
    owed = data.payables(Selection(*data.options().whole), date(2025, 1, 10))
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        expected = connection.execute(
            """
            select influencer_id, sum(amount), count(*) from marts.fct_payout_lines
            where status in ('due', 'accrued') group by all order by all
            """
        ).fetchall()
    found = owed.sort_values("influencer_id")[["influencer_id", "unpaid", "unpaid_lines"]]
    assert [tuple(row) for row in found.itertuples(index=False)] == [
        (key, float(amount), lines) for key, amount, lines in expected
    ]
    parts = owed["overdue"] + owed["due"] + owed["no_due_date"]
    assert parts.round(2).tolist() == owed["unpaid"].tolist()


def test_lines_to_check_are_listed_with_what_to_do(empty_warehouse: Path) -> None:
    check = {
        **{"payout_line_id": "over", "reason_code": "paid_over_rate", "influencer_id": "i2"},
        **{"campaign_id": "c3", "basis": "post", "payment_status": "paid", "amount": "12"},
        **{"expected_amount": "10", "amount_at_stake": "2", "severity": "review"},
        **{"event_date": "2025-01-04", "reason": "Too much.", "remedy": "Deduct it."},
    }
    later = check | {"payout_line_id": "later", "event_date": "2025-01-09", "amount_at_stake": "7"}
    publish(empty_warehouse, {"fct_payout_lines": lines(), "rpt_payout_checks": [check, later]})
    app = open_page("payouts")
    assert "**₹9 on 2 lines**: Too much. Deduct it." in [one.value for one in app.markdown]
    [shown] = [one.value for one in app.dataframe if "amount_at_stake" in one.value]
    assert list(shown["payout_line_id"]) == ["later", "over"]
    of_dates = open_page("payouts", dates=["2025-01-04", "2025-01-05"])
    assert "**₹2 on 1 line**: Too much. Deduct it." in [one.value for one in of_dates.markdown]
    assert "**2 payout lines to check**, ₹9 at stake." in texts(open_page("health"))


def test_nothing_to_check(payouts: Path) -> None:
    assert "No line is paid twice" in texts(open_page("payouts"))


def test_no_payouts_among_the_exports(empty_warehouse: Path) -> None:
    publish(empty_warehouse, {"fct_payout_lines": []})
    app = open_page("payouts")
    assert not app.exception and not app.metric
    assert "contain no payouts" in app.info[0].value


def test_filters_that_leave_no_payout_have_buttons(payouts: Path) -> None:
    app = open_page("payouts", dates=["2024-12-01", "2024-12-02"], platform="YouTube")
    assert "Clear Dates or Platform to see payouts" in app.info[0].value
    app = app.button(key="clear_dates").click().run()
    assert not app.exception and app.metric


def test_nobody_is_late(empty_warehouse: Path) -> None:
    publish(empty_warehouse, {"fct_payout_lines": lines("paid")})
    app = open_page("payouts", status="Overdue")
    assert "Nothing is overdue, and nothing is due by 17 Jan 2025." in texts(app)
    assert "Overdue" not in tiles(app)
    assert "No line is overdue in this selection" in app.info[0].value
    assert "Nothing is due" in texts(app)


# --- The default world -------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A payout line with what its influencer and campaign are."""

    row: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.row[name]


Keeps = Callable[[Line], bool]


def everything(line: Line) -> bool:
    return True


def published_lines() -> list[Line]:
    """All payout lines, amounts as exact decimals."""
    sql = """
        select lines.*, influencers.* exclude (influencer_id), campaigns.brand
        from marts.fct_payout_lines as lines
        inner join marts.dim_influencers as influencers using (influencer_id)
        inner join marts.dim_campaigns as campaigns using (campaign_id)
    """
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        result = connection.execute(sql)
        names = [column[0] for column in result.description]
        return [Line(dict(zip(names, row, strict=True))) for row in result.fetchall()]


def total(amounts: Iterable[Decimal]) -> float:
    return float(sum(amounts, Decimal(0)))


def selections() -> dict[str, tuple[Selection, Keeps]]:
    """Selections, and which lines each keeps."""
    options = data.options()
    whole = Selection(options.first_day, options.last_day)
    middle = options.first_day + timedelta(days=200)
    members = {name: list(labels) for name, labels in options.labels.items()}
    brand, campaign = members["brand"][0], members["campaign"][3]
    platform, persona, tier = members["platform"][0], members["persona"][2], members["tier"][1]
    own = OwnPersona("Hers", min_followers=20_000, gender=(options.own_traits["gender"][0],))
    return {
        "all": (whole, everything),
        "dates": (
            replace(whole, first_day=middle),
            lambda line: line.event_date is None or line.event_date >= middle,
        ),
        "platform": (
            whole.having(platform=(platform,)),
            lambda line: line.platform == platform,
        ),
        "persona and tier": (
            whole.having(persona=(persona,), tier=(tier,)),
            lambda line: line.persona == persona and line.tier == tier,
        ),
        "brand": (whole.having(brand=(brand,)), lambda line: line.brand == brand),
        "campaign": (
            whole.having(campaign=(campaign,)),
            lambda line: line.campaign_id == campaign,
        ),
        "own persona": (
            replace(whole, own_persona=own),
            lambda line: (line.follower_count or 0) >= 20_000 and line.gender in (own.gender or ()),
        ),
        "brand, platform and dates": (
            replace(whole, last_day=middle).having(brand=(brand,), platform=(platform,)),
            lambda line: (
                line.brand == brand
                and line.platform == platform
                and (line.event_date is None or line.event_date <= middle)
            ),
        ),
    }


NAMES = (
    *("all", "dates", "platform", "persona and tier", "brand", "campaign", "own persona"),
    "brand, platform and dates",
)


@pytest.mark.parametrize("name", NAMES)
def test_totals_of_the_default_world(name: str, simulated_warehouse: Path) -> None:
    selection, keeps = selections()[name]
    kept = [line for line in published_lines() if keeps(line)]
    assert kept or name == "persona and tier"
    last_day = data.options().last_day
    open_lines = [line for line in kept if line.status in ("accrued", "due")]
    late = [line for line in open_lines if line.due_date and line.due_date < last_day]
    coming = [line for line in open_lines if line.due_date and line.due_date >= last_day]
    standing = [line for line in kept if line.status != "reversed" and line.difference is not None]
    expected = {
        "lines": len(kept),
        "earned": total(line.amount for line in kept),
        "paid": total(line.amount for line in kept if line.status == "paid"),
        "overdue": total(line.amount for line in late),
        "overdue_lines": len(late),
        "due": total(line.amount for line in coming),
        "due_lines": len(coming),
        "unpaid": total(line.amount for line in open_lines),
        "reversed": 0,
        "over_booked": total(max(line.difference, Decimal(0)) for line in standing),
        "under_booked": total(max(-line.difference, Decimal(0)) for line in standing),
        "expected_lines": len(standing),
    }
    totals = data.payout_totals(selection)
    assert {figure: totals[figure] for figure in expected} == expected


@pytest.mark.parametrize("name", NAMES)
def test_months_add_up_to_the_totals(name: str, simulated_warehouse: Path) -> None:
    selection, _ = selections()[name]
    totals, months = data.payout_totals(selection), data.payout_months(selection)
    sums = {column: round(float(months[column].sum()), 2) for column in months if column != "month"}
    assert sums["earned_paid"] + sums["earned_unpaid"] == pytest.approx(
        totals["earned"] - totals["undated"]
    )
    assert (sums["due"], sums["overdue"]) == (totals["due"], totals["overdue"])


def test_the_page_shows_the_default_world(simulated_warehouse: Path) -> None:
    selection, keeps = selections()["brand"]
    app = open_page("payouts", brand=selection.members("brand")[0])
    kept = [line for line in published_lines() if keeps(line)]
    assert not app.exception and not app.error
    assert tiles(app)["Earned"] == money(total(line.amount for line in kept))
    paid = [line.amount for line in kept if line.status == "paid"]
    assert tiles(app)["Paid"] == money(total(paid))
    assert len(kept) == len(table_of_lines(app)) > 100
    assert f"{len(kept)} lines" in texts(app)


def test_pages_of_a_long_ledger_have_every_line_once(
    simulated_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = published_lines()
    assert len(ledger_of_page(1)) == len(published) > 1_000  # in one, which a header sorts
    monkeypatch.setattr(parts, "MOST_ROWS", 300)
    pages = math.ceil(len(published) / 300)
    shown = [line for page in range(pages) for line in ledger_of_page(page + 1)]
    assert len(shown) == len(published)
    assert set(shown) == {line.payout_line_id for line in published}
    # A page beyond the last one is the first.
    assert ledger_of_page(pages + 5) == shown[:300]


def ledger_of_page(number: int) -> list[str]:
    return ledger(open_page("payouts", ledger_page=str(number)))

"""The functions of the published file, through a plain DuckDB that attaches it."""

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.python.support import Build

FIRST_DAY, DAYS = date(2025, 4, 1), 548
GROUPS = ("influencer_id", "campaign_id", "brand", "persona", "platform")
TEXTS = ("verdict", "reason_code")
NOT_COMPARED = (*TEXTS, "influencers")


@pytest.fixture(scope="module")
def client(default_build: Build) -> Iterator[duckdb.DuckDBPyConnection]:
    """A client that knows nothing of Helios; the file is attached as `helios`."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{default_build.published_file}' as helios (read_only)")
        connection.execute(
            """
            create view rows_of_days as
            select days.*, persona, platform
            from helios.marts.fct_influencer_days as days
            inner join helios.marts.dim_influencers using (influencer_id)
            """
        )
        yield connection


@pytest.fixture(scope="module")
def days(client: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    numbers = ("spend", "attributed_revenue", "orders")
    rows = client.execute("from rows_of_days").df()
    return rows.astype(dict.fromkeys(numbers, "float64"))


def asked(
    client: duckdb.DuckDBPyConnection, group: str, where: str = "true", options: str = ""
) -> pd.DataFrame:
    sql = f"""
        with chosen as (select *, {group} as member from rows_of_days where {where})
        select * from helios.marts.performance('chosen'{options})
    """
    return client.execute(sql).df().set_index("member").sort_index()


@pytest.mark.parametrize(
    ("report", "member"),
    [("rpt_influencer_performance", "influencer_id"), ("rpt_persona_performance", "persona")],
)
def test_reports_are_what_the_function_says(
    client: duckdb.DuckDBPyConnection, report: str, member: str
) -> None:
    expected = client.execute(f"from helios.marts.{report}").df().set_index(member).sort_index()
    found = asked(client, member)
    active = expected.loc[found.index]
    assert len(active) > 10
    # The report of personas counts influencers who did nothing too.
    compared = [column for column in active if column in found and column not in NOT_COMPARED]
    assert len(compared) > 30
    for column in compared:
        np.testing.assert_allclose(
            found[column].astype(float), active[column].astype(float), rtol=1e-9, err_msg=column
        )
    assert (found[list(TEXTS)] == active[list(TEXTS)]).all().all()


@st.composite
def filters(draw: st.DrawFn) -> tuple[str, date, date, float]:
    first = FIRST_DAY + timedelta(days=draw(st.integers(0, DAYS - 1)))
    last = first + timedelta(days=draw(st.integers(0, DAYS)))
    level = draw(st.floats(0.01, 0.999))
    return draw(st.sampled_from(GROUPS)), first, last, level


def near(found: pd.Series, expected: pd.Series) -> None:
    both = expected.loc[found.index].astype(float)
    np.testing.assert_allclose(found.astype(float), both, rtol=1e-9, atol=1e-6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(filters())
def test_figures_of_any_rows_are_those_of_pandas(
    client: duckdb.DuckDBPyConnection,
    days: pd.DataFrame,
    drawn: tuple[str, date, date, float],
) -> None:
    group, first, last, level = drawn
    in_time = (days.date_day >= pd.Timestamp(first)) & (days.date_day <= pd.Timestamp(last))
    rows = days[in_time].assign(member=days[group])
    where = f"date_day between date '{first}' and date '{last}'"
    found = asked(client, group, where, f", ci_level := {level!r}, break_even := 1.5")
    by_member = rows.groupby("member")
    assert list(found.index) == sorted(rows.member.unique())
    spend, revenue = by_member.spend.sum(), by_member.attributed_revenue.sum()
    near(found.spend, spend)
    near(found.roas, revenue / spend.where(spend > 0))
    near(found.cpo, spend / by_member.orders.sum().where(by_member.orders.sum() > 0))

    known = rows.dropna(subset="incremental_revenue")
    keys = ["member", "campaign_id", "influencer_id"]
    parts = ["incremental_se_shared", "incremental_se_campaign", "incremental_se_influencer"]
    pieces = known.groupby(keys)[parts].sum()
    campaigns = pieces.groupby(["member", "campaign_id"]).sum()
    variance = (
        campaigns.incremental_se_shared.groupby("member").sum() ** 2
        + (campaigns.incremental_se_campaign**2).groupby("member").sum()
        + (pieces.incremental_se_influencer**2).groupby("member").sum()
    )
    error = variance.pow(0.5).reindex(spend.index)
    effect = known.groupby("member").incremental_revenue.sum().reindex(spend.index)
    near(found.incremental_revenue, effect)
    z = stats.norm.ppf((1 + level) / 2)
    near(found.incremental_revenue_high, effect + z * error)
    measured = known.groupby("member").spend.sum().reindex(spend.index, fill_value=0.0)
    measured = measured.where((measured > 0) & (error != 0) & (measured / spend >= 0.5))
    near(found.incremental_profit, effect / 1.5 - measured)
    near(found.incremental_profit_low, (effect - z * error) / 1.5 - measured)
    near(found.iroas_low, (effect - z * error) / measured)
    distance = (effect / measured - 1.5) / (error / measured)
    near(found.prob_profitable, pd.Series(stats.norm.cdf(distance), index=distance.index))


def test_attribution_has_no_interval(client: duckdb.DuckDBPyConnection) -> None:
    found = asked(client, "persona", options=", method := 'attributed'")
    near(found.incremental_revenue, found.attributed_revenue.astype(float))
    paid = found[found.spend > 0]
    near(paid.iroas, paid.roas)
    assert found.iroas_low.isna().all()
    assert set(paid.verdict) == {"not measurable"}
    assert set(paid.reason_code) == {"no_interval"}


def test_the_legacy_method_shares_out_what_other_channels_earned(
    client: duckdb.DuckDBPyConnection,
) -> None:
    organic, spend = 5_000_000.0, 40_000_000.0
    options = (
        f", method := 'organic_projection', organic_revenue := {organic}, all_spend := {spend}"
    )
    found = asked(client, "brand", options=options)
    money = found.spend.astype(float)
    expected = found.attributed_revenue.astype(float) - organic * money / spend
    near(found.incremental_revenue, expected.where(money > 0))


def test_values_of_prepared_statements_and_of_other_queries_are_taken(
    client: duckdb.DuckDBPyConnection,
) -> None:
    sql = """
        with chosen as (select *, 1 as member from rows_of_days where date_day >= $first),
        wanted as (select 2.5 as iroas)
        select break_even, verdict, iroas_low
        from helios.marts.performance(
            'chosen', ci_level := $level, break_even := (select iroas from wanted)
        )
    """
    [narrow] = client.execute(sql, {"first": FIRST_DAY, "level": 0.5}).fetchall()
    [wide] = client.execute(sql, {"first": FIRST_DAY, "level": 0.99}).fetchall()
    assert narrow[0] == wide[0] == 2.5
    assert narrow[2] > wide[2]


@pytest.mark.parametrize(
    ("low", "high", "share", "verdict"),
    [
        ("1.1", "2", "1", "profitable"),
        ("0.1", "0.9", "1", "unprofitable"),
        ("0.9", "1.1", "1", "inconclusive"),
        ("1", "1", "1", "inconclusive"),
        ("1.1", "2", "0.49", "not measurable"),
        ("1.1", "2", "null", "not measurable"),
        ("null", "null", "1", "not measurable"),
    ],
)
def test_verdicts(
    client: duckdb.DuckDBPyConnection, low: str, high: str, share: str, verdict: str
) -> None:
    sql = f"select helios.marts.verdict({low}, {high}, 1, {share})"
    assert client.execute(sql).fetchone() == (verdict,)


@pytest.mark.parametrize("rate", [None, 0.02, 0.1, 0.5])
def test_decisions(client: duckdb.DuckDBPyConnection, rate: float | None) -> None:
    found = client.execute(
        """
        with chosen as (select *, influencer_id as member from rows_of_days),
        figures as (from helios.marts.performance('chosen', break_even := 2.0))
        from helios.marts.decisions('figures', false_discovery_rate := $rate)
        """,
        {"rate": rate},
    ).df()
    judged = found[found.verdict != "not measurable"]
    error = judged.incremental_revenue_se / judged.measured_spend
    p_values = 2 * stats.norm.sf((judged.iroas - 2).abs() / error)
    near(judged.q_value, pd.Series(stats.false_discovery_control(p_values), index=judged.index))
    is_sure = judged.q_value <= rate if rate else judged.q_value.notna()
    expected = pd.Series(
        np.select(
            [
                (judged.verdict == "profitable") & is_sure,
                (judged.verdict == "unprofitable") & is_sure,
                judged.iroas >= 2,
            ],
            ["raise", "stop", "keep"],
            "test",
        ),
        index=judged.index,
    )
    assert (judged.decision == expected).all()
    assert {"raise", "stop", "keep", "test"} <= set(judged.decision) or rate
    rest = found[found.verdict == "not measurable"]
    assert len(rest) and (rest.decision == "test").all() and rest.q_value.isna().all()
    near(judged.break_even_spend, (judged.incremental_revenue / 2).clip(lower=0))
    surely = judged.incremental_revenue + stats.norm.ppf(0.2) * judged.incremental_revenue_se
    near(judged.break_even_spend_80, (surely / 2).clip(lower=0))
    wrong = judged[judged.decision.isin(["raise", "stop"])]
    near(wrong.prob_wrong, wrong.prob_profitable.combine(1 - wrong.prob_profitable, min))


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-09-01", "2026-09-30"), ("2026-03-01", "2026-03-31"), ("2025-04-01", "2026-09-30")],
)
def test_whose_revenue_a_period_has(
    client: duckdb.DuckDBPyConnection, days: pd.DataFrame, first: str, last: str
) -> None:
    [found] = (
        client.execute(
            "with days as (from rows_of_days) from helios.marts.timing('days', $1, $2)",
            [first, last],
        )
        .df()
        .to_dict("records")
    )
    begin, end = (np.datetime64(day) for day in (first, last))
    window, known = np.timedelta64(30, "D"), days.date_day.max().to_datetime64()
    other = revenue = later = spend = 0.0
    for _, member in days.groupby(["influencer_id", "campaign_id"]):
        day = member.date_day.to_numpy("datetime64[D]")
        paid, sold = member.spend.to_numpy(), member.attributed_revenue.to_numpy()
        is_own = (begin <= day) & (day <= end)
        # Which days (columns) lie in the window before, and after, each day (rows).
        before = (day[None] <= day[:, None]) & (day[None] >= day[:, None] - window)
        after = before.T
        ahead, beyond = after @ sold, after @ (sold * (day > end))
        of_window = np.clip((day - (end - window)) / window, 0, None)
        is_known = (ahead > 0) & (day + window <= known)
        share = np.where(is_known, beyond / np.where(ahead > 0, ahead, 1), of_window)
        later += (paid * share)[is_own].sum()
        spend += paid[is_own].sum()
        if paid.sum() <= 0:
            continue
        behind, earlier = before @ paid, before @ (paid * (day < begin))
        share = np.where(
            behind > 0,
            earlier / np.where(behind > 0, behind, 1),
            1 - paid[is_own].sum() / paid.sum(),
        )
        other += (sold * share)[is_own].sum()
        revenue += sold[is_own].sum()
    assert found["other_revenue_share"] == pytest.approx(other / revenue, rel=1e-9, abs=1e-9)
    assert found["later_spend_share"] == pytest.approx(later / spend, rel=1e-9)
    assert found["is_off"] == (other / revenue > 0.5 or later / spend > 0.5)


@pytest.mark.parametrize("days_after", [1, 7, 30, 400])
def test_revenue_stands_on_the_days_of_its_spend(
    client: duckdb.DuckDBPyConnection, days: pd.DataFrame, days_after: int
) -> None:
    found = client.execute(
        "with days as (from rows_of_days) from helios.marts.cohort_days('days', $1)", [days_after]
    ).df()
    keys = ["influencer_id", "campaign_id", "date_day"]
    sums = ["spend", "posts", "orders", "attributed_revenue", "incremental_revenue"]
    shown = found[keys].join(found[sums].astype("float64")).groupby(keys)[sums].sum()
    spent = days.groupby(keys)[["spend", "posts"]].sum()
    expected = spent.assign(orders=0.0, attributed_revenue=0.0, incremental_revenue=0.0)
    window = np.timedelta64(days_after, "D")
    for (influencer, campaign), member in days.groupby(keys[:2]):
        sold = member.groupby("date_day")[sums].sum()
        day, paid = sold.index.to_numpy("datetime64[D]"), sold.spend.to_numpy()
        # Which day of spend (columns) a day of orders (rows) belongs to, and how much of it.
        weight = ((day[None] <= day[:, None]) & (day[:, None] - day[None] <= window)) * paid
        behind = weight.sum(axis=1, keepdims=True)
        share = np.divide(weight, behind, out=np.zeros_like(weight), where=behind > 0)
        for column in sums[2:]:
            rows = [(influencer, campaign, date_day) for date_day in sold.index]
            expected.loc[rows, column] = share.T @ sold[column].to_numpy()
    assert (expected.orders > 0).sum() > 50
    pd.testing.assert_frame_equal(shown, expected[sums], check_dtype=False, rtol=1e-9, atol=1e-4)


def test_a_cohort_is_told_by_hand(client: duckdb.DuckDBPyConnection) -> None:
    client.execute(
        """
        create temp table hand as
        from helios.marts.fct_influencer_days limit 0;
        insert into hand by name
        select
            date_day::date as date_day, influencer_id, 'C' as campaign_id, 'X' as brand, 0 as posts,
            spend, spend as spend_fixed, 0 as spend_commission, 0 as spend_product,
            orders, revenue as gross_revenue, 0 as discounts, 0 as refunds,
            revenue as attributed_revenue, false as is_immature, false as has_own_experiment,
            2.0 * revenue as incremental_revenue, 0.1 * revenue as incremental_se_shared,
            0.0 as incremental_se_campaign, 0.0 as incremental_se_influencer
        from (
            values
                ('2025-05-01', 'A', 30.00, 0, 0.00),
                ('2025-05-03', 'A', 10.00, 4, 100.00),  -- 75 of the first, 25 of its own day
                ('2025-05-09', 'A', 0.00, 2, 50.00),  -- more than 7 days after the first
                ('2025-05-11', 'A', 0.00, 1, 20.00),  -- more than 7 days after both
                ('2025-05-02', 'B', 0.00, 1, 40.00)  -- never paid
        ) as days (date_day, influencer_id, spend, orders, revenue)
        """
    )
    may_first = "select *, 0 as member from cohort where date_day = date '2025-05-01'"
    [found] = (
        client.execute(
            f"""
            with cohort as (from helios.marts.cohort_days('hand', 7)), chosen as ({may_first})
            from helios.marts.performance('chosen')
            """
        )
        .df()
        .to_dict("records")
    )
    assert (found["spend"], found["orders"], found["attributed_revenue"]) == (30, 3, 75)
    assert found["roas"] == 2.5 and found["iroas"] == pytest.approx(5)
    assert found["incremental_revenue_se"] == pytest.approx(7.5)
    totals = client.execute(
        "select sum(attributed_revenue), sum(spend) from helios.marts.cohort_days('hand', 7)"
    ).fetchone()
    assert totals == (150, 40)
    # The data end on 11 May: of seven days after 3 May none is missing, of nine one.
    for days_after, later in ((7, 0), (9, 10 * 1 / 9 / 40)):
        timing = client.execute(
            "from helios.marts.timing('hand', date '2025-05-01', date '2025-05-04',"
            " days_after := $1)",
            [days_after],
        ).fetchone()
        assert timing == (0, pytest.approx(later), False)
    [(is_off,)] = client.execute(
        "select is_off from helios.marts.timing('hand', date '2025-05-01', date '2025-05-04',"
        " days_after := 30)"
    ).fetchall()
    assert is_off
    client.execute("drop table hand")


def test_break_even_of_brands(client: duckdb.DuckDBPyConnection) -> None:
    def asked_for(*sums: float | None) -> tuple[float, str]:
        row = client.execute(
            "select helios.marts.break_even($1, $2, $3), helios.marts.break_even_basis($1, $2)",
            list(sums),
        ).fetchone()
        assert row is not None
        return row

    assert asked_for(100.0, 100.0, 60.0) == (2.5, "margin")
    assert asked_for(100.0, 90.0, 60.0) == (3.0, "margin")
    assert asked_for(100.0, 89.0, 60.0) == (1.0, "revenue")
    assert asked_for(100.0, 100.0, 200.0) == (1000.0, "margin")
    assert asked_for(None, None, None) == (1.0, "revenue")


def test_the_catalogue_describes_the_functions(client: duckdb.DuckDBPyConnection) -> None:
    described = client.execute(
        "select function_name, comment from duckdb_functions()"
        " where database_name = 'helios' and schema_name = 'marts'"
    ).fetchall()
    assert {name for name, _ in described} == {
        *("break_even", "break_even_basis", "decisions", "due_in", "performance"),
        *("cohort_days", "timing", "verdict"),
        *("planned", "plan_outcomes", "registered", "values_of_tests"),
        *("response_curves", "plan_gains", "allocated"),
    }
    assert all(comment for _, comment in described)


def test_no_function_needs_what_old_clients_lack(client: duckdb.DuckDBPyConnection) -> None:
    texts = client.execute(
        "select macro_definition from duckdb_functions()"
        " where database_name = 'helios' and schema_name = 'marts'"
    ).fetchall()
    assert all("lambda" not in text and "->" not in text for (text,) in texts)

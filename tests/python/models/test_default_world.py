"""The default world through the whole line: the books of the marts are those of the simulator."""

from typing import Any

import duckdb
import pytest

from tests.python.support import Build, run_dbt, simulate


@pytest.fixture(scope="module")
def default_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("default_world")
    raw = simulate(folder / "raw", "--world", "default")
    build = run_dbt("build", raw=raw, warehouse=folder / "warehouse")
    assert build.returncode == 0, build.output  # every identity test is part of it
    assert build.published_file.exists(), build.output
    return build


def differences(
    build: Build, ours: str, truth: str, keys: str, columns: list[str]
) -> list[tuple[Any, ...]]:
    """Rows in which a mart and a table of the truth differ, or that only one of them has."""
    same = " and ".join(f"ours.{column} is not distinct from truth.{column}" for column in columns)
    typed = ", ".join(f"{column}::decimal(18, 2) as {column}" for column in columns)
    path = build.raw.with_name("raw_truth") / f"{truth}.csv"
    with duckdb.connect(str(build.published_file), read_only=True) as connection:
        return connection.execute(
            f"""
            with ours as ({ours}),

            truth as (select {keys}, {typed} from read_csv('{path}'))

            select * from ours full join truth using ({keys}) where ({same}) is not true
            """
        ).fetchall()


def test_nothing_is_rejected(default_build: Build) -> None:
    assert default_build.query("select * from marts.fct_rejected_rows") == []


def test_spend_and_attributed_revenue_of_each_influencer_to_the_paisa(default_build: Build) -> None:
    columns = ["attributed_revenue", "spend"]
    sums = ", ".join(f"sum({column})::decimal(18, 2) as {column}" for column in columns)
    ours = f"select influencer_id, {sums} from marts.fct_influencer_days group by all"
    assert differences(default_build, ours, "influencers", "influencer_id", columns) == []


def test_persona_of_the_rules_is_that_of_the_world(default_build: Build) -> None:
    ours = "select persona, spend, attributed_revenue from marts.rpt_persona_performance"
    columns = ["spend", "attributed_revenue"]
    rows = differences(default_build, ours, "personas", "persona", columns)
    # Personas of influencers who never posted have no truth, and no money either.
    assert [row for row in rows if any(value for value in row[1:])] == []


def test_revenue_of_every_day_region_and_brand(default_build: Build) -> None:
    ours = """
        select date_day as date, region, brand, sum(revenue)::decimal(18, 2) as revenue
        from marts.fct_revenue_days
        group by all
    """
    rows = differences(default_build, ours, "region_days", "date, region, brand", ["revenue"])
    # Days on which a brand sold nothing in a region have no row in the mart.
    assert [row for row in rows if row[-1] != 0] == []


def test_campaigns_have_the_dates_and_regions_of_the_world(default_build: Build) -> None:
    campaigns = duckdb.sql(
        f"""
        select
            campaign_id, name, brand, start_date, end_date, cooldown_days,
            count(region) filter (role = 'treatment'), count(region) filter (role = 'control'),
        from read_csv('{default_build.raw}/campaigns.csv') as campaigns
        left join read_csv('{default_build.raw}/campaign_regions.csv') as regions
            using (campaign_id)
        group by all
        order by all
        """
    ).fetchall()
    published = default_build.query(
        """
        select
            campaign_id, campaign_name, brand, start_date, end_date, cooldown_days,
            coalesce(regions_treated, 0), coalesce(regions_control, 0)
        from marts.dim_campaigns
        where campaign_id <> '(none)'
        order by all
        """
    )
    assert published == campaigns
    assert len(campaigns) >= 40
    assert sum(row[-1] > 0 for row in campaigns) > len(campaigns) / 2

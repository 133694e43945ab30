"""A test from its plan to its verdict: planned in a browser, run in a simulated world, built."""

import os
import re
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect

from tests.python.support import Build, build_exports, simulate
from tests.python.viewer.serving import CHROMIUM, open_settled, serving, wait_until_settled
from viewer.format import money

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on the path; HELIOS_CHROMIUM names one"),
]
FILES = ("campaigns.csv", "campaign_regions.csv", "test_plans.csv")
NAME = "Monsoon test"


def plan_in(page: Page, address: str, folder: Path) -> str:
    """Plan a test on the page, save its files into a folder, and return the hash shown."""
    query = "plan_brand=HKVitals&plan_weeks=6&plan_budget=900000"
    open_settled(page, f"{address}/plan?{query}")
    name = page.get_by_label("Name of the campaign")
    name.fill(NAME)
    name.press("Enter")
    wait_until_settled(page)
    for file in FILES:
        with page.expect_download() as downloading:
            page.get_by_role("button", name=file, exact=True).click()
        downloading.value.save_as(folder / file)
    return page.get_by_test_id("stCode").inner_text().strip()


@pytest.mark.build
def test_a_planned_test_ends_in_a_verdict_beside_its_promise(
    page: Page, address: str, default_build: Build, tmp_path: Path
) -> None:
    shown_hash = plan_in(page, address, tmp_path)
    with duckdb.connect() as connection:
        [(start, stop, regions, budget, error)] = connection.execute(
            f"""
            select start_date, stop_date, treated_regions, budget, revenue_se
            from read_csv('{tmp_path}/test_plans.csv')
            """
        ).fetchall()
        [(first, last)] = default_build.query(
            "select min(date_day), max(date_day) from marts.fct_revenue_days"
        )
    assert last < start and stop - start == timedelta(days=41)

    # The same shop for longer: as many orders a day, and the test after the day of the plan.
    days = (stop - first).days + 8
    raw = simulate(
        tmp_path / "raw",
        *("--planned", str(tmp_path), "--days", str(days), "--orders", str(round(913 * days))),
    )
    build = build_exports(raw=raw, warehouse=tmp_path / "warehouse")
    assert build.returncode == 0, build.output
    [(kept, codes, plan_hash, spend, found, found_error, verdict)] = build.query(
        """
        select plan_kept, plan_broken_codes, plan_hash, spend, found_revenue, found_revenue_se,
            verdict_as_planned
        from marts.fct_test_plans
        """
    )
    assert (kept, codes, plan_hash) == (True, None, shown_hash)
    assert spend == pytest.approx(float(budget), rel=0.02)
    assert found_error == pytest.approx(float(error), rel=0.5)
    [(truth,)] = build.query(
        "select true_incremental_revenue from marts.fct_experiment_truth where experiment_id = $1",
        [NAME],
    )
    assert abs(found - float(truth)) < 4 * found_error

    environment = os.environ | {"HELIOS_WAREHOUSE": str(build.warehouse)}
    with serving(tmp_path / "log.txt", environment) as after:
        open_settled(page, f"{after}/experiments?experiment={NAME}")
        # The badge has its icon before the words.
        expect(page.get_by_text("Plan kept")).to_be_visible()
        expect(page.get_by_test_id("stCode")).to_have_text(shown_hash)
        promise = page.get_by_role("table").filter(has_text="Promised")
        row = promise.get_by_role("row").filter(has_text="Its standard error")
        expect(row).to_have_text(re.compile(f"{money(float(error))}.*{money(found_error)}"))
        expect(promise).to_contain_text(verdict.capitalize())
        expect(page.get_by_text(regions.split("; ")[0]).first).to_be_visible()


def test_days_of_the_plan_are_those_of_its_weeks(page: Page, address: str, tmp_path: Path) -> None:
    plan_in(page, address, tmp_path)
    with duckdb.connect() as connection:
        [(begins, ends, cooldown)] = connection.execute(
            f"select start_date, end_date, cooldown_days from read_csv('{tmp_path}/campaigns.csv')"
        ).fetchall()
    assert isinstance(begins, date)
    assert (ends - begins).days + 1 + cooldown == 42

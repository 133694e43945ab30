"""What figures rest on where no order was attributed, or no experiment measured."""

from pathlib import Path
from typing import Any

import pytest

from tests.python.viewer.pages import open_page, texts
from tests.python.viewer.tiny import ROWS, publish
from viewer import insights

DAY: dict[str, Any] = {
    "date_day": "2025-01-01", "influencer_id": "i1", "campaign_id": "c1", "brand": "A", "orders": 0,
    "attributed_revenue": 0, "spend": 1000, "incremental_revenue": 3000,
    "incremental_se_shared": 100, "incremental_se_campaign": 0, "incremental_se_influencer": 0,
    "is_observational": False,
}  # fmt: skip
FACTOR: dict[str, Any] = {
    "campaign_id": "c1", "factor_of": "media value", "factor_base": 1500, "factor": 2,
    "share_until_cooldown": 1, "basis": "pooled",
}  # fmt: skip
NO_ORDER = "No order was attributed. Incremental revenue is media value × factor"
NO_EXPERIMENT = "No experiment stands behind incremental revenue"


def warehouse(folder: Path, day: dict[str, Any], factor: dict[str, Any]) -> None:
    publish(folder, {**ROWS, "fct_influencer_days": [day], "fct_incrementality_factors": [factor]})


def words(page: str = "overview", **query: str) -> str:
    return texts(open_page(page, **query)).replace("\\", "")


def test_a_shop_without_codes_says_that_media_value_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELIOS_WAREHOUSE", str(tmp_path))
    warehouse(tmp_path, DAY, FACTOR)
    shown = words()
    assert NO_ORDER in shown and NO_EXPERIMENT not in shown
    report = open_page("report")
    assert any(NO_ORDER in element.proto.body for element in report.get("html"))
    health = words("health")
    assert "**The only campaign has no attributed orders**, with ₹1,000 of spend." in health
    assert "No attributed revenue in this selection" not in health
    # Of other methods nothing is media value.
    assert NO_ORDER not in words(method="Attributed revenue")


def test_a_shop_without_experiments_says_what_would_change_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELIOS_WAREHOUSE", str(tmp_path))
    day = DAY | {
        "orders": 4, "attributed_revenue": 1500, "is_observational": True,
        "incremental_per_percent": 250,
    }  # fmt: skip
    factor = FACTOR | {"factor_of": "attributed revenue", "basis": "observational"}
    warehouse(tmp_path, day, factor)
    shown = words()
    assert NO_EXPERIMENT in shown and NO_ORDER not in shown
    assert "₹250 of it would be gone" in shown
    # The interval lies above the break-even, and yet it is only likely.
    assert "Inconclusive" in shown and "Profitable" not in shown


def test_figures_of_orders_and_experiments_rest_on_nothing_else() -> None:
    figures = {
        "orders": 5, "incremental_revenue": 300.0, "outside_revenue": 0.0,
        "outside_revenue_low": 0.0, "outside_revenue_high": 0.0, "is_observational": False,
        "incremental_per_percent": None,
    }  # fmt: skip
    assert insights.assumptions(figures) == []
    assert insights.assumptions(figures | {"orders": 0, "incremental_revenue": 0.0}) == []
    nothing = {"incremental_revenue": None, "outside_revenue": None, "is_observational": None}
    assert insights.assumptions(figures | {"orders": 0} | nothing) == []

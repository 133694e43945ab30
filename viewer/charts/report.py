"""The chart of the report, in ink on paper whatever the theme of the page."""

import pandas as pd

from viewer.charts import overview
from viewer.charts.base import Chart
from viewer.data import Bucket

INK, PAPER, RULE = "#1c2423", "#ffffff", "#dfe2df"
FONT = "Source Sans, Source Sans Pro, Segoe UI, Roboto, Arial, sans-serif"


def actual_and_baseline(buckets: pd.DataFrame, bucket: Bucket, whose: str) -> Chart:
    """Revenue of all channels against its baseline, as on the overview.

    Args:
        buckets: Rows of `data.over_time`.
        bucket: What a row covers.
        whose: Whose revenue the baseline is without, as of `Selection.of_influencers`.
    """
    spec, alt = overview.actual_and_baseline(buckets, bucket, whose)
    axis = {
        "labelColor": INK,
        "titleColor": INK,
        "tickColor": RULE,
        "domainColor": RULE,
        "gridColor": RULE,
        "labelFontSize": 12,
    }
    config = spec["config"] | {
        "font": FONT,
        "axis": spec["config"]["axis"] | axis,
        "legend": spec["config"]["legend"] | {"labelColor": INK, "labelFontSize": 12},
        "view": {"stroke": None},
    }
    return Chart(spec | {"background": PAPER, "config": config}, alt)

"""What a planned test would show."""

import pandas as pd

from viewer.charts import theme
from viewer.charts.theme import GREY, VERDICT_COLOURS, Chart
from viewer.format import percent, ratio

HEIGHT = 320
SHOWN = {
    "prob_found_profitable": ("profitable", "Found profitable"),
    "prob_found_unprofitable": ("unprofitable", "Found unprofitable"),
    "prob_inconclusive": ("inconclusive", "Inconclusive"),
}


def power_curve(power: pd.DataFrame, break_even: float) -> Chart:
    """How probable each verdict is, by the true iROAS.

    Args:
        power: As of `data.plan_power`.
        break_even: iROAS from which spend is profitable, marked.
    """
    truth = power["expected_iroas"]
    lines = [
        theme.scatter(
            x=truth, y=power[column], mode="lines", name=name,
            line={"color": VERDICT_COLOURS[verdict], "width": 3},
            hovertemplate="%{customdata}<extra></extra>",
            customdata=[
                f"True iROAS {ratio(x)}: {name.lower()} in {percent(y)}"
                for x, y in zip(truth, power[column], strict=True)
            ],
        )
        for column, (verdict, name) in SHOWN.items()
    ]  # fmt: skip
    mark = {
        "type": "line", "x0": break_even, "x1": break_even, "y0": 0, "y1": 1,
        "line": {"color": GREY, "dash": "dot"},
    }  # fmt: skip
    label = {
        "x": break_even, "y": 1, "text": f"Break-even {ratio(break_even)}", "showarrow": False,
        "xanchor": "left", "yanchor": "bottom", "font": {"color": GREY},
    }  # fmt: skip
    drawing = theme.drawing(
        lines, HEIGHT,
        shapes=[mark], annotations=[label],
        xaxis={"title": {"text": "True iROAS"}, "ticksuffix": "x"},
        yaxis={"title": {"text": "Probability"}, "range": [0, 1.08], "tickformat": ".0%"},
        legend={"orientation": "h", "y": 1.12, "yanchor": "bottom"},
    )  # fmt: skip
    at = power.iloc[(truth - 2 * break_even).abs().argmin()]
    alt = (
        f"How probable each verdict is, by the true iROAS from 0 to {ratio(truth.max())}: at"
        f" {ratio(at['expected_iroas'])} the test is found profitable in"
        f" {percent(at['prob_found_profitable'])}"
    )
    columns = ["expected_iroas", *SHOWN]
    return Chart(drawing, alt, power[columns].rename(columns={"expected_iroas": "true_iroas"}))

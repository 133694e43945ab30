"""Plotly figures, in colours of Okabe and Ito that stand out on the light and the dark theme."""

# Plotly comes without types.
# mypy: disable-error-code="attr-defined, name-defined, no-untyped-call"

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from viewer.data import INFLUENCER_CHANNEL, Bucket
from viewer.format import day, percent, period, rupees
from viewer.measures import ATTRIBUTED_REVENUE, SPEND, Measure

BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#7F8C99"
BAR_PIXELS, FRAME_PIXELS = 30, 20
FEW_BARS = 8
LONGEST_NAME = 28


class Chart(NamedTuple):
    """A figure, and what it shows in words for those who cannot see it."""

    figure: go.Figure
    alt: str


def revenue_and_spend(buckets: pd.DataFrame, bucket: Bucket) -> Chart:
    """Attributed revenue over time, and spend below it on a scale of its own.

    Args:
        buckets: Rows of `data.over_time`.
        bucket: What a row covers.
    """
    figure = make_subplots(
        rows=2,
        shared_xaxes=True,
        row_heights=[0.6, 0.4],
        vertical_spacing=0.16,
        subplot_titles=[f"{measure.label} per {bucket}" for measure in (ATTRIBUTED_REVENUE, SPEND)],
    )
    for row, (measure, colour) in enumerate([(ATTRIBUTED_REVENUE, BLUE), (SPEND, VERMILION)], 1):
        figure.add_trace(_bars_over_time(buckets, measure, colour), row=row, col=1)
        figure.update_yaxes(_rupee_ticks(buckets[measure.column].tolist()), row=row, col=1)
    figure.update_annotations(x=0, xanchor="left", font_size=13)
    figure.update_xaxes(showgrid=False, tickformat="%-d %b\n%Y")
    if len(buckets) <= FEW_BARS:  # left alone, Plotly would mark hours
        figure.update_xaxes(tickvals=buckets["bucket"].tolist())
    _finish(figure, height=420, top=30)
    return Chart(figure, _over_time_in_words(buckets, bucket))


def channel_shares(channels: pd.DataFrame) -> Chart:
    """Revenue by channel as bars, with amount and share beside them.

    Args:
        channels: Rows of `data.revenue_by_channel`.
    """
    names = channels["channel"].tolist()
    labels = [
        f"{rupees(revenue)} ({percent(share)})"
        for revenue, share in zip(channels["revenue"], channels["share"], strict=True)
    ]
    colours = [BLUE if name == INFLUENCER_CHANNEL else GREY for name in names]
    return Chart(
        _labelled_bars(names, channels["revenue"].tolist(), labels, colours),
        f"Bar chart of revenue by channel: {_in_words(names, labels)}.",
    )


def persona_bars(personas: pd.DataFrame, measure: Measure) -> Chart:
    """One measure by persona as bars, highest on top; personas without a value are left out.

    Args:
        personas: Rows of `data.performance` by persona.
        measure: The measure to compare.
    """
    known = personas.dropna(subset=[measure.column]).sort_values(
        [measure.column, "persona"], ascending=[False, True]
    )
    names, values = known["persona"].tolist(), known[measure.column].tolist()
    labels = [measure.write(value) for value in values]
    colours = [BLUE if value >= 0 else VERMILION for value in values]
    return Chart(
        _labelled_bars(names, values, labels, colours),
        f"Bar chart of {measure.label} by persona: {_in_words(names, labels)}.",
    )


def _bars_over_time(buckets: pd.DataFrame, measure: Measure, colour: str) -> go.Bar:
    hover = [
        f"{period(row['bucket_start'].date(), row['bucket_end'].date())}<br>"
        f"{measure.label} {measure.write(row[measure.column])}"
        for row in buckets.to_dict("records")
    ]
    return go.Bar(
        x=buckets["bucket"].tolist(),
        y=buckets[measure.column].tolist(),
        marker_color=colour,
        hovertext=hover,
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _labelled_bars(
    names: Sequence[str], values: Sequence[float], labels: Sequence[str], colours: Sequence[str]
) -> go.Figure:
    figure = go.Figure(
        go.Bar(
            x=values,
            y=[_shown_name(name) for name in names],
            orientation="h",
            marker_color=colours,
            text=labels,
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    # Labels stand beside the ends of the bars and need room on the side the bars point to.
    most, least = max(*values, 0), min(*values, 0)
    room = 0.4 * (most - least or 1)
    span = [least - (room if least < 0 else 0), most + (room if most > 0 else 0)]
    figure.update_xaxes(visible=False, range=span)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ")
    _finish(figure, height=BAR_PIXELS * len(names) + FRAME_PIXELS, top=0)
    return figure


def _finish(figure: go.Figure, height: int, top: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": top, "b": 10},
        showlegend=False,
        bargap=0.25,
        dragmode=False,  # a finger on a phone scrolls the page instead
        hoverlabel_align="left",
    )
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True, automargin=True)


def _rupee_ticks(values: Sequence[float]) -> dict[str, Any]:
    """Ticks at round amounts, written in lakh and crore, which Plotly cannot do itself."""
    most, least = max([*values, 0.0]), min([*values, 0.0])
    step = _round_step((most - least) / 4 or 1.0)
    ticks = [
        number * step for number in range(math.floor(least / step), math.ceil(most / step) + 1)
    ]
    return {
        "tickvals": ticks,
        "ticktext": [rupees(tick) for tick in ticks],
        "rangemode": "tozero",
    }


def _round_step(step: float) -> float:
    """The next larger of 1, 2, 2.5, 5 and 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10, 20) if factor * power >= step)


def _shown_name(name: str) -> str:
    """A name of the data as Plotly shows it: cut, and not as HTML."""
    cut = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
    return cut.replace("&", "&amp;").replace("<", "&lt;")


def _in_words(names: Sequence[str], labels: Sequence[str]) -> str:
    return "; ".join(f"{name} {label}" for name, label in zip(names, labels, strict=True))


def _over_time_in_words(buckets: pd.DataFrame, bucket: Bucket) -> str:
    rows = buckets.to_dict("records")
    if not rows:
        return "Empty chart of attributed revenue and spend over time."
    best = max(rows, key=lambda row: float(row["attributed_revenue"]))
    return (
        f"Bar charts of attributed revenue and spend per {bucket},"
        f" {period(rows[0]['bucket_start'].date(), rows[-1]['bucket_end'].date())}."
        f" Attributed revenue is highest in the {bucket} from {day(best['bucket_start'].date())}"
        f" with {rupees(best['attributed_revenue'])}."
    )

"""The report: what matters most of a selection on one sheet of paper, and its details on request.

Its parts are plain HTML, which prints and reads well everywhere; nothing of the data gets into it
without being escaped.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.io

from viewer import comparison, data, filters, insights, measures, own_persona, reasons
from viewer.charts import overview as charts
from viewer.charts.theme import Chart
from viewer.data import SELECTION_METHODS, Bucket
from viewer.format import (
    NOTHING,
    count,
    day,
    is_missing,
    moment,
    money,
    names,
    period,
    ratio,
    short_period,
)
from viewer.measures import INCREMENTAL, LEGACY_NOTE, Measure, shown
from viewer.selection import DEFAULT_METHOD, View

STYLE = Path(__file__).resolve().parent / "report.css"
MOST_RANKED = 10
# Tables with no more rows stay on one sheet of paper.
MOST_ROWS_UNBROKEN = 12
MOST_AT_A_GLANCE = 5
BEST_ORDER = "By probability of break-even, highest first"
WORST_ORDER = "By upper bound of incremental ROAS, lowest first"
CHART_PIXELS = 180
CHART_TITLE = "Actual vs baseline revenue"
CELL_KINDS = {">": ' class="number"', "=": ' class="unbroken"'}
# What a list holds at best, and what it holds where that is nobody.
TENDENCIES = {
    "Top": ("profitable", "most promising"),
    "Bottom": ("unprofitable", "least promising"),
}
# Whose evidence is too thin to rank.
UNRANKED = "not measurable"


@dataclass(frozen=True)
class Table:
    """A table in words.

    Attributes:
        caption: What it shows, for screen readers.
        headers: Titles of the columns; ">" stands before those of figures, "=" before those whose
            cells stay on one line.
        rows: Cells as text.
    """

    caption: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Report:
    """Figures of the report.

    Attributes:
        view: What the sidebar sets.
        bucket: What figures over time are by.
        figures: Figures in total, as of `data.totals`.
        earlier: Those of the period that it is compared with, if any.
        over_time: Figures by day, week or month, as of `data.figures`.
        influencers: Figures by influencer, as of `data.performance`.
        personas: Figures by persona.
        experiments: Rows of `data.experiments`.
        payouts: Figures of `data.payout_totals`.
    """

    view: View
    bucket: Bucket
    figures: Mapping[str, Any]
    earlier: Mapping[str, Any] | None
    over_time: pd.DataFrame
    influencers: pd.DataFrame
    personas: pd.DataFrame
    experiments: pd.DataFrame
    payouts: Mapping[str, Any]


def of(view: View) -> Report:
    """The report of a view."""
    selection, method = view.selection, view.method
    bucket = data.time_bucket(selection)
    found = data.figures(
        selection,
        "influencer",
        "persona",
        method=method,
        comparison=view.comparison,
        bucket=bucket,
    )
    return Report(
        view,
        bucket,
        found.total,
        found.earlier,
        found.over_time,
        found.by["influencer"],
        found.by["persona"],
        data.experiments(selection, method=method),
        data.payout_totals(selection),
    )


# --- As HTML -----------------------------------------------------------------------------------


def title(view: View) -> str:
    """What the report is called: brands and period."""
    brands = list(view.selection.members("brand"))
    about = names(brands) if brands else "All brands"
    return f"{about}, {short_period(*view.selection.period)}: influencer marketing report"


def opening(report: Report) -> str:
    """What stands before the chart: what the report is about, headlines and insights."""
    found = insights.of(report.view, report.figures, report.earlier, report.influencers)
    return "".join(
        [
            _facts(report),
            _headlines(report),
            _notes(report),
            _section("Key findings", _list(_sentence(finding.text) for finding in found))
            if found
            else "",
        ]
    )


def chart(report: Report) -> Chart | None:
    """Revenue against its baseline; None where there is no baseline."""
    if report.over_time["baseline"].isna().all():
        return None
    return charts.actual_and_baseline(
        report.over_time, report.bucket, report.view.selection.of_influencers
    )


def glance(report: Report) -> str:
    """What stands after the chart: best and worst influencers, and how to read the terms."""
    best, worst = ranked(report.influencers)
    lists = _at_a_glance(best, "Top") + _at_a_glance(worst, "Bottom")
    level = f"{data.settings().ci_level * 100:g} %"
    reading = (
        f"iROAS: incremental revenue ÷ spend, with its {level} confidence interval. Profitable:"
        " the interval lies above the break-even; unprofitable: below; inconclusive: it contains"
        " the break-even. Not measurable is not evidence of no effect."
    )
    return (
        f'<div class="report-columns">{lists}</div>{_not_ranked(report.influencers)}'
        f'<p class="report-note">{escape(reading)}</p>'
    )


def details(report: Report) -> str:
    """What is on further sheets: the rankings, personas, experiments, payouts, reading."""
    best, worst = ranked(report.influencers)
    sections = (
        _ranking(best, "Top", BEST_ORDER),
        _ranking(worst, "Bottom", WORST_ORDER),
        _personas(report.personas),
        _experiments(report),
        _payouts(report.payouts),
        _reading(),
    )
    return f'<div class="report-details">{"".join(sections)}</div>'


def document(report: Report, chart_note: str = "", has_details: bool = False) -> str:
    """The report as a file that needs nothing else, the chart with the library that draws it.

    Args:
        report: Its figures.
        chart_note: What to say of the chart.
        has_details: Whether the details follow.
    """
    name = escape(title(report.view))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}</title>\n<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n"
        f'</head>\n<body class="report-file">\n<main class="report">\n<h1>{name}</h1>\n'
        f"{opening(report)}{_drawn(chart(report), chart_note)}{glance(report)}"
        f"{details(report) if has_details else ''}</main>\n</body>\n</html>\n"
    )


def ranked(influencers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The best and the worst influencers, the surest first.

    Args:
        influencers: Rows of `data.performance` by influencer.

    Returns:
        At most MOST_RANKED each, without those that are not measurable: the profitable and the
        unprofitable; where there are none, those at or above the break-even, and those below.
        Where the method has no intervals, they are ranked by incremental ROAS itself.
    """
    known = influencers[influencers["iroas"].notna()]
    if influencers["iroas_low"].notna().any():
        known = known[known["verdict"] != UNRANKED]
    known = known.assign(high=known["iroas_high"].fillna(known["iroas"]))
    is_above = known["iroas"] >= known["break_even"]
    best, worst = (
        known[sure] if sure.any() else known[likely]
        for sure, likely in (
            (known["verdict"] == "profitable", is_above),
            (known["verdict"] == "unprofitable", ~is_above),
        )
    )
    best = best.sort_values(
        ["prob_profitable", "iroas", "influencer_id"], ascending=[False, False, True]
    )
    worst = worst.sort_values(["high", "influencer_id"])
    return best.head(MOST_RANKED), worst.head(MOST_RANKED)


def kind_of(rows: pd.DataFrame, what: str) -> str:
    """What a list of `ranked` holds, as its title.

    Args:
        rows: The list.
        what: Top or Bottom.
    """
    verdict, tendency = TENDENCIES[what]
    if (rows["verdict"] == verdict).any():
        return f"{verdict.capitalize()} influencers"
    if rows["iroas_low"].isna().all():
        return f"{what} influencers by incremental ROAS"
    return f"None is surely {verdict}; {tendency}"


# --- Sections ----------------------------------------------------------------------------------


def _words(view: View) -> str:
    return filters.in_plain_words(view.selection)


def _facts(report: Report) -> str:
    """Filters, method and date that apply to the whole report."""
    view = report.view
    settings, options = data.settings(), data.options()
    against = data.break_even(view.selection)
    facts = {
        "Filters": _words(view),
        "Compared with": _comparison_in_words(report),
        "Method": _method_in_words(view.method),
        "Confidence intervals": f"{settings.ci_level * 100:g} %, two-sided;"
        f" break-even of incremental ROAS: {reasons.break_even(*against)}",
        "As of": f"{day(options.last_day)}, the last day of the data",
        "Published": moment(settings.published_at)
        + (", a simulated world" if settings.is_simulated else ""),
    }
    if view.selection.own_persona:
        own = view.selection.own_persona
        facts["My persona"] = f"{own.name}: {own_persona.in_words(own, options)}"
    pairs = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(fact)}</dd></div>" for name, fact in facts.items()
    )
    return f'<dl class="report-facts">{pairs}</dl>'


def _comparison_in_words(report: Report) -> str:
    compared = comparison.in_words(report.view)
    if compared is None:
        return "nothing"
    missing = ", which the data do not cover" if report.earlier is None else ""
    return f"the {compared}{missing}"


def _method_in_words(method: str) -> str:
    name = filters.method_name(method)
    if method == DEFAULT_METHOD:
        return "the default: attributed revenue, calibrated by experiments"
    if method not in SELECTION_METHODS:
        return f"{name} for experiments; the default for everything else"
    return f"{name}. {LEGACY_NOTE}" if method == "organic_projection" else name


def _headlines(report: Report) -> str:
    tiles = "".join(
        _tile(shown(measure, report.view.method, report.figures["break_even_basis"]), report)
        for measure in measures.headlines()
    )
    return f'<dl class="report-tiles">{tiles}</dl>'


def _tile(measure: Measure, report: Report) -> str:
    figures, earlier = report.figures, report.earlier
    details = []
    if measure.column in INCREMENTAL:
        details += [_interval(figures, measure.write, measure.column)]
    if measure.column == "iroas":
        details += [str(figures["verdict"])]
    if earlier is not None:
        details += [f"before: {measure.write(earlier[measure.column])}"]
    shown = "".join(f"<small>{escape(detail)}</small>" for detail in details if detail)
    value = escape(measure.write(figures[measure.column]))
    return f"<div><dt>{escape(measure.label)}</dt><dd>{value}{shown}</dd></div>"


def _notes(report: Report) -> str:
    """What the headlines exclude, and whether the period is too short."""
    selection = report.view.selection
    notes = [caveat] if (caveat := insights.caveat(selection)) else []
    if selection.days_after is not None:
        notes.append(insights.cohort_in_words(selection))
    notes += insights.assumptions(report.figures)
    outside = data.spend_of_no_member(selection)
    if outside:
        notes.append(f"{money(outside)} of spend has no known brand or campaign and is excluded.")
    everyone, paid = report.figures["influencers"], report.figures["influencers_with_spend"]
    if 0 < paid < everyone:
        notes.append(
            f"{count(everyone - paid)} of {count(everyone)} influencers had no spend; their revenue"
            " is included in ROAS."
        )
    return "".join(f'<p class="report-note">{escape(note)}</p>' for note in notes)


def _at_a_glance(rows: pd.DataFrame, what: str) -> str:
    shown = rows.head(MOST_AT_A_GLANCE)
    if shown.empty:
        return _section(kind_of(rows, what), "<p>No influencer.</p>")
    table = Table(
        f"{what} {len(shown)} influencers",
        ("Influencer", ">Spend", ">iROAS", ">CI"),
        [
            (
                str(row["influencer_name"]),
                money(row["spend"]),
                ratio(row["iroas"]),
                _span(row["iroas_low"], row["iroas_high"], ratio),
            )
            for row in shown.to_dict("records")
        ],
    )
    return _section(kind_of(rows, what), _html(table))


def _drawn(chart: Chart | None, note: str) -> str:
    """A chart as HTML, with the library that draws it."""
    if chart is None:
        return ""
    drawing = plotly.io.to_html(
        chart.drawing.figure("print", height=CHART_PIXELS).to_dict(),
        config={"displayModeBar": False, "responsive": True},
        include_plotlyjs=True,
        full_html=False,
        validate=False,
    )
    return _section(
        CHART_TITLE,
        f'<div class="report-chart" role="img" aria-label="{escape(chart.alt)}">{drawing}</div>'
        f'<p class="report-note">{escape(note)}</p>',
    )


def _ranking(rows: pd.DataFrame, what: str, order: str) -> str:
    if rows.empty:
        return ""  # as it says at a glance
    table = Table(
        f"{what} influencers. {order}",
        ("Influencer", "Persona", ">Spend", ">Orders", ">ROAS", ">iROAS", ">CI", "Verdict"),
        [
            (
                str(row["influencer_name"]),
                str(row["persona"]),
                money(row["spend"]),
                count(row["orders"]),
                ratio(row["roas"]),
                ratio(row["iroas"]),
                _span(row["iroas_low"], row["iroas_high"], ratio),
                str(row["verdict"]),
            )
            for row in rows.to_dict("records")
        ],
    )
    note = f'<p class="report-note">{escape(order)}.</p>'
    return _section(kind_of(rows, what), f"{note}{_html(table)}")


def _not_ranked(influencers: pd.DataFrame) -> str:
    unknown = influencers[influencers["verdict"] == UNRANKED]
    if unknown.empty:
        return ""
    note = (
        f"{count(len(unknown))} of {count(len(influencers))} influencers, with"
        f" {money(unknown['spend'].sum())} of spend, are not measurable, which is not evidence of"
        " no effect."
    )
    return f'<p class="report-note">{escape(note)}</p>'


def _personas(personas: pd.DataFrame) -> str:
    rows = personas.sort_values(["spend", "persona"], ascending=[False, True])
    headers = (
        *("Persona", ">Influencers", ">Spend", ">Attributed", ">ROAS", ">iROAS"),
        *(">CI", "Verdict"),
    )
    table = Table(
        "Personas, largest spend first",
        headers,
        [
            (
                str(row["persona"]),
                count(row["influencers"]),
                money(row["spend"]),
                money(row["attributed_revenue"]),
                ratio(row["roas"]),
                ratio(row["iroas"]),
                _span(row["iroas_low"], row["iroas_high"], ratio),
                str(row["verdict"]),
            )
            for row in rows.to_dict("records")
        ],
    )
    return _section("Personas", _html(table))


def _experiments(report: Report) -> str:
    rows = report.experiments
    if rows.empty:
        return ""
    methods = sorted({filters.method_name(str(method)) for method in rows["method"]})
    headers: Sequence[str] = (
        "Experiment",
        "=Test",
        ">Incremental",
        ">iROAS",
        ">CI",
        "Verdict",
        "Method",
    )
    cells: list[Sequence[str]] = [
        (
            str(row["experiment_name"]),
            period(row["test_start"].date(), row["test_end"].date()),
            money(row["incremental_revenue"]),
            ratio(row["iroas"]),
            _span(row["iroas_low"], row["iroas_high"], ratio),
            f"{row['verdict']}: {reasons.of_verdict(row, data.options().labels['campaign'])}"
            if row["verdict"] == UNRANKED
            else str(row["verdict"]),
            filters.method_name(str(row["method"])),
        )
        for row in rows.to_dict("records")
    ]
    note = "Only the filters for dates (test and cooldown), brand and campaign apply."
    if len(methods) == 1:  # said once instead of in every row
        headers, cells = headers[:-1], [row[:-1] for row in cells]
        note += f" Method: {methods[0]}."
    table = Table("Experiments, latest first", headers, cells)
    return _section("Experiments", f'<p class="report-note">{escape(note)}</p>{_html(table)}')


def _payouts(payouts: Mapping[str, Any]) -> str:
    if not payouts["lines"]:
        return ""
    words = {
        "Earned": "earned",
        "Paid": "paid",
        "Due": "due",
        "Overdue": "overdue",
        "Unpaid without a due date": "no_due_date",
        "Booked above rate × units": "over_booked",
        "Booked below rate × units": "under_booked",
    }
    table = Table(
        "Payouts by status",
        ("Payouts", ">Amount", ">Lines"),
        [
            (label, money(payouts[name]), count(payouts[f"{name}_lines"]))
            for label, name in words.items()
            if payouts[f"{name}_lines"] or name in ("earned", "paid", "due", "overdue")
        ],
    )
    oldest = payouts["oldest_due_date"]
    note = f"The oldest overdue payout was due on {day(oldest)}." if oldest else "None is overdue."
    return _section("Payouts", f"{_html(table)}<p class='report-note'>{escape(note)}</p>")


def _reading() -> str:
    level = f"{data.settings().ci_level * 100:g} %"
    return _section(
        "How to read this",
        _list(
            escape(text)
            for text in (
                "Spend is booked on the day it was earned, regardless of when it is due or paid.",
                "Attributed revenue is the revenue of orders with an influencer's id or coupon"
                " code, after discounts, refunds and returns. ROAS is attributed revenue ÷ spend."
                " Some of this revenue would have come without the influencer.",
                "Incremental revenue is revenue caused by influencers, estimated by calibrating"
                " attributed revenue with regional experiments. Incremental ROAS (iROAS) is"
                " incremental revenue ÷ spend. The baseline is the revenue expected without them.",
                f"The confidence interval (CI) covers the true value in about {level} of cases. The"
                " verdict is profitable where the interval lies above the break-even, unprofitable"
                " where it lies below, and inconclusive where it contains the break-even.",
                "Not measurable means that less than half of the spend has attributed revenue to"
                " calibrate, or that an experiment lacks the data its method needs. It is not"
                " evidence of no effect.",
                "Ratios are ratios of sums. Recent orders can still be returned.",
            )
        ),
    )


# --- Pieces ------------------------------------------------------------------------------------


def _section(title: str, content: str) -> str:
    return f'<section class="report-section"><h2>{escape(title)}</h2>{content}</section>'


def _list(items: Iterable[str]) -> str:
    return f'<ul class="report-list">{"".join(f"<li>{item}</li>" for item in items)}</ul>'


def _html(table: Table) -> str:
    kinds = [CELL_KINDS.get(header[0], "") for header in table.headers]
    head = "".join(
        f'<th scope="col"{kind}>{escape(header.lstrip(">="))}</th>'
        for header, kind in zip(table.headers, kinds, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{escape(cell)}</td>" for cell, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for row in table.rows
    )
    # A table wider than a phone is moved by touch, or by the keys once it has the focus.
    caption = escape(table.caption)
    kind = "report-table short" if len(table.rows) <= MOST_ROWS_UNBROKEN else "report-table"
    return (
        f'<div class="{kind}" tabindex="0" role="region" aria-label="{caption}">'
        f"<table><caption>{caption}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _sentence(markdown: str) -> str:
    """A finding as HTML: bold words and escaped characters are all that its Markdown has."""
    parts = re.split(r"(\\.|\*\*)", markdown)
    is_bold, html = False, ""
    for part in parts:
        if part == "**":
            is_bold = not is_bold
            html += "<strong>" if is_bold else "</strong>"
        else:
            html += escape(part[1:] if part.startswith("\\") else part)
    return html


def _interval(figures: Mapping[str, Any], write: Any, name: str = "iroas") -> str:
    span = _span(figures[f"{name}_low"], figures[f"{name}_high"], write)
    return "" if span == NOTHING else span


def _span(low: Any, high: Any, write: Any) -> str:
    if is_missing(low) or is_missing(high):
        return NOTHING
    return f"{write(low)} to {write(high)}"

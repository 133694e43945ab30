"""Layout that pages share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd
import streamlit as st

from viewer import comparison, data, exports, filters, insights, measures, reasons
from viewer.charts.sparkline import sparkline
from viewer.charts.theme import Chart, Theme
from viewer.data import SELECTION_METHODS, Bucket
from viewer.exports import Table
from viewer.format import (
    MINUS,
    NOTHING,
    count,
    day,
    is_missing,
    moment,
    money,
    percent,
    period,
    plain,
)
from viewer.measures import LEGACY_NOTE, Measure
from viewer.periods import Period
from viewer.selection import Selection, View
from viewer.views import downloads, explanation

VERDICT_COLOURS = {
    "profitable": "green",
    "unprofitable": "red",
    "inconclusive": "orange",
    "not measurable": "gray",
}
VERDICT_ICONS = {
    "profitable": ":material/trending_up:",
    "unprofitable": ":material/trending_down:",
    "inconclusive": ":material/help:",
    "not measurable": ":material/block:",
}

# More rows take a second and more to write on every run.
MOST_ROWS = 2_000
# What a button offers where revenue and spend of the dates do not belong together.
DAYS_AFTER = 30
# How often something was picked in a chart of the session.
PICKS = "picks_in_charts"
PICTURE_SCRIPT = Path(__file__).with_name("picture.js")
PICTURE_LINE = 120
CONFIG = {
    "displaylogo": False,
    "showTips": False,
    # Buttons below a chart download pictures, which then say what they show.
    "modeBarButtonsToRemove": ["toImage", "lasso2d", "autoScale2d"],
}


def header(title: str, selection: Selection) -> None:
    """Title of the page and what it shows; on a phone the filters themselves are out of sight."""
    st.title(title)
    st.caption(filters.in_words(selection))


def tile(
    measure: Measure,
    figures: Mapping[str, Any],
    earlier: Mapping[str, Any] | None = None,
    series: Sequence[float] | None = None,
    compared: View | None = None,
    below: Callable[[], object] | None = None,
    is_doubtful: bool = False,
    is_change_sure: bool = True,
) -> None:
    """A figure with its change, its course over time, its meaning and how it is computed.

    Args:
        measure: What to show.
        figures: Its value, by column.
        earlier: The values to compare with.
        series: Its values over time, nan where there is none.
        compared: The view that says what `earlier` is.
        below: Shows what else belongs to the figure.
        is_doubtful: Whether the figure is drawn pale.
        is_change_sure: Whether its change has a colour.
    """
    key = f"doubtful_{measure.column}" if is_doubtful else None
    with st.container(border=True, gap="xxsmall", height="stretch", key=key):
        change = _change(measure, figures, earlier)
        since = compared if change else None
        st.metric(
            measure.label,
            measure.write(figures[measure.column]),
            delta=change,
            delta_color=_delta_colour(measure, change) if is_change_sure else "off",
            delta_description=comparison.name(since) if since else None,
            help=_tile_help(measure, since),
        )
        course = None if series is None else sparkline(series, measure.write)
        if course is not None:
            st.html(course)
        if below is not None:
            below()
        explanation.button(measure)


def _tile_help(measure: Measure, since: View | None) -> str | None:
    """What a figure means, and the dates that its change is compared with."""
    compared = f"Compared with the {comparison.in_words(since)}." if since else None
    return " ".join(filter(None, (measure.tooltip(), compared))) or None


def performance_tiles(
    tiles: Sequence[Measure],
    view: View,
    figures: Mapping[str, Any],
    earlier: Mapping[str, Any] | None,
    buckets: pd.DataFrame,
    trends: Sequence[str] | None = None,
) -> None:
    """What a selection cost and brought, a tile each; incremental ROAS with interval and verdict.

    Args:
        tiles: The measures.
        view: Says the method of the incremental figures, and what `earlier` is.
        figures: The values, by column.
        earlier: The values to compare with.
        buckets: The values over time, as of `data.Figures.over_time`.
        trends: Columns whose trend is drawn; None for all that have one.
    """
    whole = buckets[~buckets["is_partial"]]
    is_off = data.timing(view.selection).is_off
    was_off = earlier is not None and _was_off(view)
    with st.grid(4, min_column_width=160):
        for measure in tiles:
            has_interval = measure.column in measures.INCREMENTAL
            is_return = measure.column in ("iroas", "incremental_profit")
            has_trend = not is_return and (trends is None or measure.column in trends)
            tile(
                measures.shown(measure, view.method, figures["break_even_basis"]),
                figures,
                earlier,
                # A line of returns without their intervals would show chance as change.
                whole[measure.column].astype(float).tolist() if has_trend else None,
                view,
                below=partial(_show_interval, measure, figures) if has_interval else None,
                is_doubtful=is_off and measure.column in measures.RETURNS,
                is_change_sure=not (
                    (measure.column in measures.RETURNS and (is_off or was_off))
                    or (has_interval and _may_be_chance(measure.column, figures, earlier))
                ),
            )
    if earlier is None:
        _show_no_comparison(view)
    else:
        st.caption(f"Compared with the {comparison.in_words(view)}.")


def _was_off(view: View) -> bool:
    """Whether the returns of the earlier period are not judged."""
    return view.comparison is not None and (
        data.timing(view.selection.before(view.comparison)).is_off
    )


def _may_be_chance(
    column: str, figures: Mapping[str, Any], earlier: Mapping[str, Any] | None
) -> bool:
    """Whether the intervals of a figure now and before overlap."""
    if earlier is None:
        return False
    low, high = f"{column}_low", f"{column}_high"
    if any(is_missing(row[bound]) for row in (figures, earlier) for bound in (low, high)):
        return False
    return bool(figures[low] <= earlier[high] and earlier[low] <= figures[high])


def _show_no_comparison(view: View) -> None:
    begin = data.options().first_day
    # Obvious where the selection starts with the data.
    if view.comparison is None or (
        view.comparison == "previous period" and view.selection.first_day == begin
    ):
        return
    st.caption(
        f":material/info: No comparison with the {comparison.in_words(view)}: the data start on"
        f" {day(begin)}."
    )


def partial_note(
    buckets: pd.DataFrame, bucket: Bucket, treatment: str = "drawn hollow or pale"
) -> str:
    """Which weeks or months are partial, and what a chart does with them; empty if none."""
    ends = {"first": buckets["is_partial"].iloc[0], "last": buckets["is_partial"].iloc[-1]}
    which = [end for end, is_partial in ends.items() if is_partial]
    if not which:
        return ""
    verb = "is" if len(which) == 1 else "are"
    return f"The {' and the '.join(which)} {bucket} {verb} partial and {treatment}."


def _show_interval(measure: Measure, figures: Mapping[str, Any]) -> None:
    column = measure.column
    words = interval(figures, f"{column}_low", f"{column}_high", measure.write)
    if words:
        share = figures["spend_measured_share"]
        is_whole = is_missing(share) or percent(share) == percent(1)
        of = "" if is_whole else f", for the {percent(share)} of spend that is measurable"
        st.caption(
            plain(f"{level_in_words()} CI {words}{'' if column == 'incremental_revenue' else of}")
        )
    if column == "iroas":
        verdict_badge(figures, reasons.of_verdict(figures))


def verdict_badge(figures: Mapping[str, Any], reason: str) -> None:
    """A verdict with the break-even that it is against, as a coloured badge with its reason."""
    verdict = figures["verdict"]
    against = reasons.break_even(figures["break_even"], figures["break_even_basis"])
    st.badge(
        verdict.capitalize() + ("" if verdict == "not measurable" else f", break-even {against}"),
        color=VERDICT_COLOURS.get(verdict, "gray"),  # type: ignore[arg-type]
        icon=VERDICT_ICONS.get(verdict),
        help=plain(reason),
    )


def interval(figures: Mapping[str, Any], low: str, high: str, write: Any) -> str:
    """An interval in words: 1.11x to 2.52x; empty where there is none."""
    if is_missing(figures[low]) or is_missing(figures[high]):
        return ""
    return f"{write(figures[low])} to {write(figures[high])}"


def level_in_words() -> str:
    """The level of all intervals: 90 %."""
    return f"{data.settings().ci_level * 100:g} %"


def show_chart(
    chart: Chart, title: str, key: str, on_pick: Callable[[list[Any]], None] | None = None
) -> None:
    """A chart, its description for screen readers, and its downloads as picture and data.

    Args:
        chart: What to show.
        title: What it is called in a picture, where its heading is not.
        key: Key of the chart on its page.
        on_pick: Called with the custom data of what was clicked, or dragged over.
    """
    theme: Theme = "dark" if st.context.theme.type == "dark" else "light"
    # On a phone a finger that moves over a chart scrolls the page.
    is_phone = "Mobi" in st.context.headers.get("User-Agent", "")
    selection = filters.chosen().selection
    file = f"helios_{key}_{selection.first_day}_to_{selection.last_day}"
    figure = chart.drawing.figure(
        theme,
        False if is_phone else chart.drag,
        meta={"title": escape(title), "notes": _picture_notes(selection), "file": file},
    )
    drawn = f"{key}_{st.session_state.get(PICKS, 0)}"
    selecting: dict[str, Any] = (
        {
            "on_select": partial(_pick, drawn, on_pick),
            "selection_mode": ("points", "box") if chart.drag == "select" else "points",
        }
        if on_pick
        else {}
    )
    with st.container(key=f"chart_{key}", gap="xxsmall"):
        st.plotly_chart(
            figure,
            key=drawn,
            theme=None,
            alt=chart.alt,
            config=CONFIG,
            **selecting,
        )
        _show_chart_downloads(chart, title, key, file)


def _pick(key: str, on_pick: Callable[[list[Any]], None]) -> None:
    picked = [point["customdata"] for point in st.session_state[key].selection.points]
    if picked:
        # Under another key the chart starts anew, with nothing selected: the same can be picked
        # once more.
        st.session_state[PICKS] = st.session_state.get(PICKS, 0) + 1
        on_pick(picked)


def picked_days(picked: Sequence[Sequence[str]]) -> Period:
    """From the first to the last of the days that were picked in a chart over time.

    Args:
        picked: First and last day of each day, week or month, as of `theme.picks`.
    """
    first, last = min(pick[0] for pick in picked), max(pick[1] for pick in picked)
    return date.fromisoformat(first), date.fromisoformat(last)


def pick_days(picked: Sequence[Sequence[str]]) -> None:
    """Filter by the days that were clicked or dragged over."""
    filters.choose_dates(picked_days(picked))


def _show_chart_downloads(chart: Chart, title: str, key: str, file: str) -> None:
    buttons = "".join(
        f'<button type="button" data-picture="{kind.lower()}"'
        f' aria-label="Download {escape(title)} as {kind}">{kind}</button>'
        for kind in ("PNG", "SVG")
    )
    with st.container(
        horizontal=True,
        horizontal_alignment="right",
        vertical_alignment="center",
        gap="xxsmall",
        key=f"files_of_chart_{key}",
    ):
        st.html(
            f"{buttons}<script>{PICTURE_SCRIPT.read_text(encoding='utf-8')}</script>",
            width="content",
            unsafe_allow_javascript=True,
        )
        st.download_button(
            "CSV",
            data=partial(exports.rows_csv, chart.data),
            file_name=f"{file}.csv",
            mime="text/csv",
            key=f"csv_{key}",
            on_click="ignore",
            type="tertiary",
            help=f"Data of {plain(title)}",
        )


def _picture_notes(selection: Selection) -> str:
    """What a picture tells below its title: the filters, and where the figures come from."""
    filtered = wrap(filters.in_plain_words(selection), PICTURE_LINE, max_lines=2, placeholder=" …")
    published = data.settings().published_at
    return "<br>".join([*map(escape, filtered), f"Helios, published {moment(published)}"])


def table(
    rows: pd.DataFrame,
    columns: Mapping[str, Measure | str],
    alt: str,
    pinned: Sequence[str] = (),
    formats: Any = (),
    config: Any = (),
    file: str = "",
    applied: str | None = None,
    **options: Any,
) -> Any:
    """A table whose figures are written as everywhere and sort by amount.

    Args:
        rows: What to show; of more than MOST_ROWS the first, which it then says.
        columns: Measure or plain label of each shown column, in order.
        alt: What the table shows.
        pinned: Columns that stay in sight.
        formats: How columns are written, if not as their measures say.
        config: Configurations of columns that are more than a label, such as links.
        file: Name of the files that it can be downloaded as; empty for none.
        applied: Filters that apply to it in words, if these are not all of the sidebar.
        options: More arguments of `st.dataframe`.

    Returns:
        What `st.dataframe` returns.
    """
    configs = {
        name: st.column_config.Column(
            what if isinstance(what, str) else what.label,
            help=None if isinstance(what, str) else what.tooltip(),
            pinned=name in pinned,
        )
        for name, what in columns.items()
    }
    writers: dict[Any, Any] = {
        name: what.write for name, what in columns.items() if isinstance(what, Measure)
    }
    # A Styler keeps the figures, so that sorting a column sorts by amount and not by text.
    shown = rows[list(columns)].head(MOST_ROWS)
    event = st.dataframe(
        shown.style.format(writers | dict(formats), na_rep=NOTHING),
        hide_index=True,
        column_config=configs | dict(config),
        placeholder=NOTHING,
        alt=alt,
        **({"height": "content"} | options),
    )
    if len(rows) > MOST_ROWS:
        st.caption(
            f":material/info: The first {count(MOST_ROWS)} of {count(len(rows))} rows, which a"
            " click on a header sorts; files have all of them."
        )
    if file:
        offer_files(lambda: rows, len(rows), columns, alt, file, applied)
    return event


def links_to(page: str, queries: Iterable[filters.Query], names: Iterable[str]) -> list[str]:
    """Links to a page for the cells of a `link_column`, which shows what follows the #.

    Args:
        page: Its path.
        queries: Parameters of each link.
        names: What each is called.
    """
    return [
        f"/{page}?{urlencode(query, doseq=True)}#{quote(name)}"
        for query, name in zip(queries, names, strict=True)
    ]


def link_column(label: str, meaning: str) -> Any:
    """The column of `links_to`, which stays in sight."""
    return st.column_config.LinkColumn(label, display_text=r"#(.*)$", pinned=True, help=meaning)


def offer_files(
    rows: Callable[[], pd.DataFrame],
    how_many: int,
    columns: Mapping[str, Measure | str],
    description: str,
    file: str,
    applied: str | None = None,
) -> None:
    """Buttons below a table that download all of its rows as CSV, XLSX and Parquet.

    Args:
        rows: Asks for the rows once a button is pressed.
        how_many: How many rows that are.
        columns: Measure or plain label of each column, in order.
        description: What the table shows.
        file: Name of the files.
        applied: Filters that apply to it in words, if these are not all of the sidebar.
    """
    measured = {
        name: measures.made_here(name, what) if isinstance(what, str) else what
        for name, what in columns.items()
    }
    selection = filters.chosen().selection
    name = f"helios_{file}"
    if applied is None:
        applied = filters.in_plain_words(selection)
        name += f"_{selection.first_day}_to_{selection.last_day}"
    downloads.of_table(Table(file, description, rows, measured, applied), how_many, name)


def method_note(view: View) -> None:
    """What the chosen method means here."""
    if view.method not in SELECTION_METHODS:
        st.caption(
            f":material/info: {plain(filters.method_name(view.method))} measures experiments only;"
            " incremental figures on this page use the default method."
        )
    elif view.method == "organic_projection":
        st.caption(f":material/warning: {LEGACY_NOTE}")


def short_note(selection: Selection) -> None:
    """That returns of the dates are not judged."""
    if caveat := insights.caveat(selection):
        st.caption(f":material/warning: {caveat}")
    if selection.days_after is None:
        later = replace(selection, days_after=DAYS_AFTER)
        if caveat and not data.timing(later).is_off:
            st.button(
                f"Count revenue up to {DAYS_AFTER} days after spend",
                on_click=filters.choose_cohort,
                args=[DAYS_AFTER],
            )
        return
    st.caption(f":material/info: {insights.cohort_in_words(selection)}")


def outside_note(selection: Selection) -> None:
    """Spend that a brand or campaign filter leaves out because it is not assigned to any."""
    outside = data.spend_of_no_member(selection)
    if not outside:
        return
    filtered = " or ".join(
        filters.label(name).lower() for name in selection.narrowed_by("campaign", "order")
    )
    st.caption(
        f":material/info: {money(outside)} of spend has no known {filtered} and is outside"
        " the filter."
    )


def no_spend_note(figures: Mapping[str, Any]) -> None:
    """How many influencers raise ROAS with revenue but without spend."""
    everyone, with_spend = figures["influencers"], figures["influencers_with_spend"]
    if 0 < with_spend < everyone:
        st.caption(
            f":material/info: {count(everyone - with_spend)} of {count(everyone)} influencers had"
            " no spend in this selection; their revenue is included in ROAS."
        )


def shown_empty(selection: Selection) -> bool:
    """On an empty selection, say which filters to widen; True tells the page that it is done."""
    if data.influencer_day_count(selection):
        return False
    whole = data.options()
    widen = data.filters_to_widen(selection)
    advice = (
        f"Clear {' or '.join(map(filters.label, widen))} to see data."
        if widen
        else "Clear several filters, or all of them, to see data."
    )
    st.info(
        f"No influencer was active in this selection. {advice}"
        f" The data cover {period(whole.first_day, whole.last_day)}.",
        icon=":material/filter_alt_off:",
    )
    filters.show_clear_buttons(widen)
    return True


def _change(
    measure: Measure, figures: Mapping[str, Any], earlier: Mapping[str, Any] | None
) -> str | None:
    """The change since the earlier period: of ratios and shares in points, else in per cent.

    A loss has no per cent: what was or is below zero changes by an amount.
    """
    if earlier is None:
        return None
    now, before = figures[measure.column], earlier[measure.column]
    if is_missing(now) or is_missing(before):
        return None
    if measure.unit in ("ratio", "percent"):
        text = measure.write(now - before).replace(" %", " pts")
    elif min(now, before) < 0:
        text = measure.write(now - before)
    elif before == 0:
        return None
    else:
        growth = (now - before) / abs(before)
        # Beyond tenfold, tenths of a per cent only take room.
        text = percent(growth) if abs(growth) < 10 else f"{count(round(100 * growth))} %"
    # The arrow follows an ASCII sign.
    return text.replace(MINUS, "-") if text.startswith(MINUS) else f"+{text}"


def _delta_colour(measure: Measure, change: str | None) -> Any:
    if measure.better == "neither" or change is None:
        return "off"
    return "normal" if measure.better == "higher" else "inverse"

"""Report: the key figures of the selection on one sheet, to print or to save."""

from functools import partial
from html import escape

import streamlit as st

from viewer import filters, format, report
from viewer.charts.theme import Chart
from viewer.report import Report
from viewer.selection import View
from viewer.views import parts


def show(view: View) -> None:
    """Lay out the page."""
    selection = view.selection
    title = report.title(view)
    # What is printed or saved as PDF is called like the page.
    st.set_page_config(page_title=title)
    with st.container(key="report_head"):
        parts.header("Report", selection)
    if parts.shown_empty(selection):
        return
    shown = report.of(view)
    whose = selection.of_influencers
    note = (
        f"All channels. The baseline is the revenue expected without {whose}."
        f" {parts.partial_note(shown.over_time, shown.bucket, 'left out')}"
    )
    has_details = _show_actions(shown, note)
    st.html(report.STYLE)
    with st.container(key="report_sheet"):
        heading = f'<p class="report-title">{escape(title)}</p>'
        st.html(f'<div class="report">{heading}{report.opening(shown)}</div>')
        _show_chart(report.chart(shown), note)
        st.html(f'<div class="report">{report.glance(shown)}</div>')
        if has_details:
            st.html(f'<div class="report">{report.details(shown)}</div>')


def _show_chart(chart: Chart | None, note: str) -> None:
    if chart is None:
        return
    st.html(f'<div class="report"><h2>{report.CHART_TITLE}</h2></div>')
    # On paper as on screen: the sheet is white also where the page is dark.
    st.plotly_chart(
        chart.drawing.figure("print", height=report.CHART_PIXELS),
        key="baseline",
        theme=None,
        alt=chart.alt,
        config={"displayModeBar": False},
    )
    st.html(f'<div class="report"><p class="report-note">{note}</p></div>')


def _show_actions(shown: Report, note: str) -> bool:
    """Buttons to print and save, and whether the report has details."""
    selection = shown.view.selection
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="report_actions"
    ):
        _show_print()
        save = st.container(width="content")
        has_details = st.toggle(
            "With details",
            key="details",
            bind="query-params",
            help="Rankings, personas, experiments, payouts and terms, on further sheets.",
        )
        save.download_button(
            "Save as HTML",
            data=partial(_document, shown, note, has_details, format.style()),
            file_name=f"helios_report_{selection.first_day}_to_{selection.last_day}.html",
            mime="text/html",
            key="save_report",
            on_click="ignore",
            icon=":material/download:",
            help="One file with text, tables and chart, which opens without a network.",
        )
    return has_details


@st.fragment
def _show_print() -> None:
    pressed = st.button(
        "Print or save as PDF", type="primary", icon=":material/print:", key="print_report"
    )
    if pressed:
        st.session_state["prints"] = st.session_state.get("prints", 0) + 1
        # The number makes each press another script, as one that is there already does not run.
        script = f"<script>/* {st.session_state['prints']} */ window.print()</script>"
        st.html(script, unsafe_allow_javascript=True)


def _document(shown: Report, note: str, has_details: bool, style: format.Style) -> bytes:
    """The report as a file; made outside the run of the page, so its style is passed in."""
    format.use(style)
    return report.document(shown, note, has_details).encode()


show(filters.chosen())

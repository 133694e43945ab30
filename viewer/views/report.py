"""Report: the key figures of the selection on one sheet, to print or to save."""

from functools import partial

import streamlit as st

from viewer import data, filters, format, report
from viewer.charts import overview as charts
from viewer.selection import View
from viewer.views import parts


def show(view: View) -> None:
    """Lay out the page."""
    selection = view.selection
    with st.container(key="report_head"):
        parts.header("Report", selection)
    if parts.shown_empty(selection):
        return
    bucket = data.time_bucket(selection)
    shown = report.of(view, bucket)
    _show_actions(view)
    st.html(report.STYLE)
    buckets = shown.over_time
    with st.container(key="report_sheet"):
        title = '<p class="report-title">Influencer marketing report</p>'
        st.html(f'<div class="report">{title}{report.opening(shown)}</div>')
        if buckets["baseline"].notna().any():
            whose = selection.of_influencers
            st.html('<div class="report"><h2>Actual vs baseline revenue</h2></div>')
            chart = charts.actual_and_baseline(buckets, bucket, whose)
            # On paper as on screen: the sheet is white also where the page is dark.
            config = {"displayModeBar": False}
            st.plotly_chart(
                chart.drawing.figure("print"),
                key="baseline",
                theme=None,
                alt=chart.alt,
                config=config,
            )
            note = (
                f"All channels. The baseline is the revenue expected without {whose}."
                f" {parts.partial_note(buckets, bucket, 'left out')}"
            )
            st.html(f'<div class="report"><p class="report-note">{note}</p></div>')
        st.html(f'<div class="report">{report.evidence(shown)}</div>')


def _show_actions(view: View) -> None:
    with st.container(horizontal=True, gap="small", key="report_actions"):
        _show_print()
        st.download_button(
            "Save as HTML",
            data=partial(_document, view, format.style()),
            file_name=f"helios_report_{view.selection.first_day}_to_{view.selection.last_day}.html",
            mime="text/html",
            key="save_report",
            on_click="ignore",
            icon=":material/download:",
            help="One file with all text and tables; the chart becomes a table by month.",
        )


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


def _document(view: View, style: format.Style) -> bytes:
    """The report as a file; made outside the run of the page, so its style is passed in."""
    format.use(style)
    return report.document(view).encode()


show(filters.chosen())

"""Entry of the viewer: `streamlit run viewer/app.py`."""

import sys
from datetime import date
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

# Streamlit puts only this folder on the path, and the viewer is imported as a package.
sys.path.extend({str(Path(__file__).resolve().parents[1])}.difference(sys.path))

from viewer import data, filters, format, hosting
from viewer.format import count, day, moment, plain
from viewer.pages import PAGES, WITHOUT_COHORT, WITHOUT_FIGURES
from viewer.published import (
    Identity,
    NothingPublishedError,
    UnreadableFileError,
    held,
    published_identity_if_any,
)
from viewer.views import saved

HERE = Path(__file__).resolve().parent
SECONDS_BETWEEN_LOOKS = 15
DATE_STYLES = ("Indian", "ISO")


def main() -> None:
    """Show the page that the URL names, or why there is nothing to show."""
    # Images of our own: an icon by name would be fetched from the web.
    icon = str(HERE / "images" / "icon.svg")
    st.logo(str(HERE / "images" / "logo.svg"), icon_image=icon, size="large")
    st.html(HERE / "style.css")
    pages = {name: st.Page(**definition) for name, definition in PAGES.items()}
    main_pages = (
        *("overview", "decide", "influencers", "experiments", "plan", "budget", "payouts"),
        "influencer",
    )
    page = st.navigation(
        {
            "": [pages[name] for name in main_pages],
            "More": [page for name, page in pages.items() if name not in main_pages],
        },
        position="top",
    )
    st.set_page_config(page_title=f"{page.title} – Helios", page_icon=icon, layout="wide")
    shown = published_identity_if_any()
    try:
        with held(shown):
            try:
                _prepare(page)
            except (NothingPublishedError, UnreadableFileError):
                if page.url_path not in WITHOUT_FIGURES:
                    raise
            page.run()
    except NothingPublishedError as error:
        hosting.show_nothing_published(error)
    except UnreadableFileError as error:
        hosting.show_unreadable(error)
    with st.sidebar:
        watch_published_file(shown)


def _prepare(page: StreamlitPage) -> None:
    """How figures are written, and the filters that narrow them."""
    settings = data.settings()
    format.use(format.Style(settings.currency, _date_style() == "ISO"))
    filters.show(
        data.options(),
        has_regions=page.url_path == "experiments",
        has_cohort=page.url_path not in WITHOUT_COHORT,
    )
    with st.sidebar:
        saved.show(page.url_path or "overview")
        st.segmented_control(
            "Date format",
            DATE_STYLES,
            default="Indian",
            required=True,
            key="date_style",
            bind="query-params",
            width="stretch",
            help="5 Apr 2025 or 2025-04-05.",
        )


def _date_style() -> str:
    """How days are to be read, known before its widget is shown."""
    if "date_style" in st.session_state:
        return str(st.session_state["date_style"])
    return st.query_params.get("date_style", "Indian")


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def watch_published_file(shown: Identity | None) -> None:
    """Tell how fresh the shown file is, and show the next one as soon as it is there."""
    if published_identity_if_any() != shown:
        st.rerun()
    hosting.show_build_in_progress()
    if shown:
        _show_freshness()


def _show_freshness() -> None:
    try:
        settings, last_day = data.settings(), data.options().last_day
    except (NothingPublishedError, UnreadableFileError):
        return  # the page itself says why
    st.caption(f"Published {moment(settings.published_at)}")
    if settings.is_simulated:
        st.badge(
            "Simulated world",
            color="blue",
            icon=":material/science:",
            help="The exports come from the simulator, so the true effects are known.",
        )
    age = (date.today() - last_day).days
    if age > settings.stale_after_days:
        st.badge(
            f"Data end {plain(day(last_day))}",
            color="orange",
            icon=":material/schedule:",
            help=f"{count(age)} days ago. Put newer exports into the folder and build again.",
        )


main()

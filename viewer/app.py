"""Entry of the viewer: `streamlit run viewer/app.py`."""

import sys
from pathlib import Path

import streamlit as st

# Streamlit puts only this folder on the path, and the viewer is imported as a package.
sys.path.extend({str(Path(__file__).resolve().parents[1])}.difference(sys.path))

from viewer import data, filters
from viewer.format import moment, plain

IMAGES = Path(__file__).resolve().parent / "images"
SECONDS_BETWEEN_LOOKS = 15


def main() -> None:
    """Show the page that the URL names, or why there is nothing to show."""
    # Images of our own: an icon by name would be fetched from the web.
    st.set_page_config(page_title="Helios", page_icon=str(IMAGES / "icon.svg"), layout="wide")
    st.logo(str(IMAGES / "logo.svg"), icon_image=str(IMAGES / "icon.svg"), size="large")
    page = st.navigation(
        [
            st.Page(
                "views/overview.py", title="Overview", icon=":material/monitoring:", default=True
            ),
            st.Page("views/deep_dive.py", title="Deep dive", icon=":material/leaderboard:"),
            st.Page("views/explorer.py", title="Data explorer", icon=":material/table_view:"),
        ]
    )
    shown = data.published_identity_if_any()
    try:
        filters.show(data.options())
        page.run()
    except data.NothingPublishedError as error:
        st.title("Nothing published yet")
        st.info(f"{plain(str(error))} Run `make build` to publish; this page then shows it.")
    except data.UnreadableFileError as error:
        st.title("The published data cannot be read")
        st.error(f"{plain(str(error))} Run `make build` to publish them anew.")
    with st.sidebar:
        watch_published_file(shown)


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def watch_published_file(shown: data.Identity | None) -> None:
    """Tell when the shown file was published, and show the next one as soon as it is there."""
    if data.published_identity_if_any() != shown:
        st.rerun()
    if shown:
        st.caption(f"Published {moment(shown.published_at)}")


main()

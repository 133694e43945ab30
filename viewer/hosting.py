"""What the viewer shows when there is no published file, or none that it can read: how to get one.

On a host without a terminal the viewer can build by itself; all open pages show its progress, and
the data as soon as they are published.
"""

import os
from pathlib import Path

import streamlit as st

from viewer import building, pages
from viewer.building import NotStartedError, Progress
from viewer.folders import PROJECT_ROOT, can_be_written, raw_exports, warehouse
from viewer.format import count, plain
from viewer.published import (
    Identity,
    NothingPublishedError,
    UnreadableFileError,
    published_identity_if_any,
)

SECONDS_BETWEEN_LOOKS = 1.5
MOST_STOPS = 8


def show_nothing_published(error: NothingPublishedError) -> None:
    """Say that nothing is published and what to do, and offer to do it."""
    st.title("Nothing published yet")
    folder = _shown(raw_exports())
    what = f"There are no exports in {folder}; docs/exports.md lists the required ones."
    if building.has_exports():
        what = f"There are exports in {folder}."
    st.info(plain(f"{error} {what}") + " Run `make build` in a terminal.")
    _show_build(True, published_identity_if_any())


def show_unreadable(error: UnreadableFileError) -> None:
    """Say why the published file cannot be read and what to do, and offer to do it."""
    st.title("The published data cannot be read")
    st.error(f"{plain(str(error))} Run `make build` to publish them again.")
    # A small world must not replace figures of a user's own.
    is_replaceable = building.has_exports() or building.is_ours()
    _show_build(is_replaceable, published_identity_if_any())


def show_build_in_progress() -> None:
    """Say that a build is under way, if one is."""
    if building.is_running() or building.is_dbt_building():
        st.caption(":material/sync: A build is running. The page updates once it is published.")


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _show_build(is_offered: bool, published: Identity | None) -> None:
    """How far the build is that runs here; else how the last one ended, and a button for one.

    Anything else than what is published now shall be shown at once.
    """
    if published_identity_if_any() != published:
        st.rerun()
    progress = building.progress()
    if progress.state == "running":
        show_progress(progress)
    elif building.is_dbt_building():
        st.info(
            "A build is running. The page appears once it is published.", icon=":material/sync:"
        )
    elif is_offered:
        if progress.state == "failed":
            show_failure(progress)
        _show_offer(progress)


def show_progress(progress: Progress) -> None:
    """How far a build is."""
    steps = f": {count(progress.done)} of {count(progress.total)} steps" if progress.total else " …"
    share = progress.done / progress.total if progress.total else 0.0
    st.progress(share, text=f"{progress.title}{steps}")
    st.caption("The page appears when it is done. You can close it until then.")
    with st.expander("Build log", icon=":material/terminal:"):
        st.code(progress.last_lines, language=None, wrap_lines=True)


def show_failure(progress: Progress) -> None:
    """How a build ended that failed: what stopped it, what to do, and its last lines."""
    for stop in progress.stops[:MOST_STOPS]:
        st.error(plain(stop, longest=1000), icon=":material/block:")
    st.error(f"The build failed. {plain(progress.advice)}", icon=":material/error:")
    st.code(progress.last_lines, language=None, wrap_lines=True)
    st.caption(f"The full log is in {plain(_shown(building.log_file()))}.")


def _show_offer(progress: Progress) -> None:
    if not can_be_written(warehouse()):
        st.caption("The viewer cannot write to the warehouse, so it cannot build.")
        return
    has_exports = building.has_exports()
    label = "Build from the exports" if has_exports else "Build a small simulated world"
    if progress.state == "failed":
        label = "Try again"
    if st.button(label, type="primary", icon=":material/play_arrow:", key="build"):
        try:
            building.start()
            st.rerun()
        except NotStartedError as error:
            st.error(plain(str(error)))
    if not has_exports:
        st.page_link(pages.path("bring"), label="Bring your data", icon=":material/upload_file:")
        st.caption(
            "A demo of Helios: 24 influencers over half a year, about half a minute. Its true"
            " effects are known."
        )


def _shown(path: Path) -> str:
    """A path as seen from the project's root, where it is in it."""
    return str(path).removeprefix(f"{PROJECT_ROOT}{os.sep}")

"""Saved views in the sidebar: open, delete, and save what is shown."""

from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st

from viewer import saved_views
from viewer.format import plain
from viewer.saved_views import LONGEST_NAME, SavedView, SavedViewsError

NAME, PROBLEM = "name_of_view", "problem_with_views"


def show(page: str) -> None:
    """A button that opens the list.

    Args:
        page: Name of the page that is shown.
    """
    with st.popover("Saved views", icon=":material/bookmarks:", width="stretch"):
        try:
            views = saved_views.load()
        except SavedViewsError as error:
            st.warning(plain(str(error)), icon=":material/bookmark_remove:")
            return
        is_kept = saved_views.are_kept()
        with st.container(gap="xxsmall", key="saved_views"):
            for view in views:
                _show_view(view, is_kept)
        if not is_kept:
            st.caption(
                "The link of a page is the view: bookmark or send it. Views cannot be saved here,"
                " as the folder of the warehouse cannot be written to."
            )
            return
        st.text_input("Save this page and its filters as", key=NAME, max_chars=LONGEST_NAME)
        st.button("Save", on_click=_save, args=[page], key="save_view", width="stretch")
        if problem := st.session_state.pop(PROBLEM, None):
            st.warning(plain(problem), icon=":material/bookmark_remove:")
        st.caption("Everybody who opens this viewer sees saved views.")


def _show_view(view: SavedView, is_kept: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        # A link, as it also clears filters that the view does not have.
        st.html(f'<a href="{escape(view.link)}" target="_self">{escape(view.name)}</a>')
        if is_kept:
            st.button(
                f"Delete {plain(view.name)}",
                icon=":material/delete:",
                on_click=_try,
                args=[saved_views.delete, view.name],
                key=f"delete_view_{view.name}",
                type="tertiary",
            )


def _save(page: str) -> None:
    name = " ".join(st.session_state[NAME].split())
    if not name:
        st.session_state[PROBLEM] = "Give the view a name."
        return
    query = {key: st.query_params.get_all(key) for key in st.query_params}
    _try(saved_views.save, SavedView(name=name, page=page, query=query))
    if PROBLEM not in st.session_state:
        st.session_state[NAME] = ""


def _try(change: Callable[[Any], None], what: Any) -> None:
    try:
        change(what)
    except SavedViewsError as error:
        st.session_state[PROBLEM] = str(error)

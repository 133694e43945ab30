"""A persona of one's own: the sidebar's form, which lives in the URL like the filters."""

import csv
import io
from typing import Any

import streamlit as st

from viewer.data import Options
from viewer.format import count, plain
from viewer.pages import path
from viewer.selection import OwnPersona

ANY = "Any"


def made_up(options: Options) -> OwnPersona | None:
    """The persona of the user's own that the widgets hold, if it has a name."""
    name = " ".join(str(_held("name") or "").split())
    if not name:
        return None
    traits = {trait: _held(trait) for trait in options.own_traits}
    return OwnPersona(
        name[:40],
        _followers("min"),
        _followers("max"),
        **{trait: value for trait, value in traits.items() if value in options.own_traits[trait]},
    )


def show(options: Options) -> None:
    """Show the form, and what it makes."""
    with st.expander("My persona", icon=":material/person_add:", key="my_persona"):
        st.text_input(
            "Name",
            key="my_name",
            bind="query-params",
            max_chars=40,
            placeholder="Such as Regional fitness",
            help="A name adds it to the persona filter and to comparisons. It lives in the link.",
        )
        for column, label, key in zip(
            st.columns(2), ("Followers from", "to"), ("my_min", "my_max"), strict=True
        ):
            column.number_input(
                label,
                min_value=0,
                max_value=1_000_000_000,
                value=None,
                step=1000,
                key=key,
                bind="query-params",
                placeholder="Any",
            )
        for trait, choices in options.own_traits.items():
            st.selectbox(
                trait.capitalize(), [ANY, *choices], key=f"my_{trait}", bind="query-params"
            )
        own = made_up(options)
        if own is not None:
            st.caption(f"{plain(own.member)}: {plain(in_words(own))}.")
            st.page_link(
                path("influencers"),
                label="Compare personas",
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params={"show": "Personas"},
            )
            with st.popover("Row for persona_rules.csv", icon=":material/content_copy:"):
                st.caption(
                    "Add it to seeds/reference/persona_rules.csv and build again: then every report"
                    " has this persona. The first rule that matches wins, lowest priority first."
                )
                st.code(persona_rule(own), language=None, wrap_lines=True)


def in_words(own: OwnPersona) -> str:
    """Who belongs to it."""
    parts = list(own.traits.values())
    if own.min_followers is not None:
        parts.append(f"from {count(own.min_followers)} followers")
    if own.max_followers is not None:
        parts.append(f"up to {count(own.max_followers)} followers")
    return ", ".join(parts) or "everybody"


def persona_rule(own: OwnPersona) -> str:
    """The row to add to persona_rules.csv, so that the next build has this persona."""
    traits = (own.category, own.platform, own.gender, own.language)
    row = io.StringIO()
    cells = (100, own.name, None, *traits, own.min_followers, own.max_followers)
    csv.writer(row, lineterminator="").writerow(cells)
    return row.getvalue()


def _held(trait: str) -> Any:
    """What the widget of a trait holds, or, before its first run, the URL."""
    key = f"my_{trait}"
    return st.session_state.get(key, st.query_params.get(key))


def _followers(end: str) -> int | None:
    """How many followers a widget holds; none are no limit."""
    digits = str(_held(end))
    return int(digits) or None if digits.isdecimal() else None

"""A persona of one's own: the sidebar's form, which lives in the URL like the filters."""

import csv
import io
from collections.abc import Sequence
from itertools import product
from typing import Any

import streamlit as st

from viewer.data import Options
from viewer.format import count, plain
from viewer.pages import path
from viewer.selection import OwnPersona

NOT = "not "


def made_up(options: Options) -> OwnPersona | None:
    """The persona of the user's own that the widgets hold, if it has a name."""
    name = " ".join(str(_held("name") or "").split())
    if not name:
        return None
    return OwnPersona(
        name[:40],
        _followers("min"),
        _followers("max"),
        **{trait: _values(trait, of_data) for trait, of_data in options.own_traits.items()},
    )


def choices(of_data: Sequence[str]) -> list[str]:
    """What can be asked of a trait: to have one of the values of the data, or not to have it."""
    return [*of_data, *(f"{NOT}{value}" for value in of_data)]


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
        for trait, of_data in options.own_traits.items():
            st.multiselect(
                trait.capitalize(),
                choices(of_data),
                key=f"my_{trait}",
                bind="query-params",
                placeholder="Any",
                help="One of several, or not some of them: type *not* for these.",
            )
        own = made_up(options)
        if own is not None:
            st.caption(f"{plain(own.member)}: {plain(in_words(own, options))}.")
            st.page_link(
                path("influencers"),
                label="Compare personas",
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params={"show": "Personas"},
            )
            with st.popover("Rows for persona_rules.csv", icon=":material/content_copy:"):
                st.caption(
                    "Add them to seeds/reference/persona_rules.csv and build again: then every"
                    " report has this persona. The first rule that matches wins, lowest priority"
                    " first."
                )
                st.code(persona_rules(own), language=None, wrap_lines=True)


def in_words(own: OwnPersona, options: Options) -> str:
    """Who belongs to it."""
    parts = [_trait_in_words(some, options.own_traits[trait]) for trait, some in own.traits.items()]
    if own.min_followers is not None:
        parts.append(f"from {count(own.min_followers)} followers")
    if own.max_followers is not None:
        parts.append(f"up to {count(own.max_followers)} followers")
    return ", ".join(parts) or "everybody"


def _trait_in_words(values: Sequence[str], of_data: Sequence[str]) -> str:
    """The values of a trait, or those that it leaves out if these are fewer."""
    others = [value for value in of_data if value not in values]
    if 0 < len(others) < len(values):
        return f"{NOT}{' or '.join(others)}"
    return " or ".join(values) or "no influencer"


def persona_rules(own: OwnPersona) -> str:
    """The rows to add to persona_rules.csv, so that the next build has this persona."""
    traits = (own.category, own.platform, own.gender, own.language)
    rows = io.StringIO()
    csv.writer(rows, lineterminator="\n").writerows(
        (100, own.name, None, *values, own.min_followers, own.max_followers)
        for values in product(*((None,) if some is None else some for some in traits))
    )
    return rows.getvalue().rstrip()


def _values(trait: str, of_data: Sequence[str]) -> tuple[str, ...] | None:
    """The values of a trait that its widget leaves; None if it asks for nothing."""
    key = f"my_{trait}"
    held = set(st.session_state.get(key, st.query_params.get_all(key)))
    asked = held.intersection(of_data)
    if held.isdisjoint(choices(of_data)):
        return None
    return tuple(
        value for value in of_data if (not asked or value in asked) and f"{NOT}{value}" not in held
    )


def _held(trait: str) -> Any:
    """What the widget of a name or number holds, or, before its first run, the URL."""
    key = f"my_{trait}"
    return st.session_state.get(key, st.query_params.get(key))


def _followers(end: str) -> int | None:
    """How many followers a widget holds; none are no limit."""
    digits = str(_held(end))
    return int(digits) or None if digits.isdecimal() else None

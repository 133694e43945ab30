"""A persona of one's own: the sidebar's form, which lives in the URL like the filters."""

from collections.abc import Iterator
from typing import Any

import streamlit as st

from viewer.data import Options
from viewer.format import count, plain
from viewer.selection import OwnPersona

ANY = "Any"


def made_up(options: Options) -> OwnPersona | None:
    """The persona of the user's own that the widgets hold, if it has a name."""
    name = " ".join(str(_state("name", "")).split())
    if not name:
        return None
    least, most = _state("min", None), _state("max", None)
    traits = {trait: _state(trait, ANY) for trait in options.own_traits}
    return OwnPersona(
        name[:40],
        int(least) if least else None,
        int(most) if most else None,
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
        least, most = st.columns(2)
        for column, label, key in ((least, "Followers from", "min"), (most, "to", "max")):
            column.number_input(
                label,
                min_value=0,
                max_value=1_000_000_000,
                value=None,
                step=1000,
                key=f"my_{key}",
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


def asked_in_url(options: Options) -> Iterator[tuple[str, str, bool]]:
    """Trait, value and whether the data have it, for all that the URL asks for."""
    for trait, choices in options.own_traits.items():
        for value in st.query_params.get_all(f"my_{trait}"):
            yield f"My persona's {trait}", value, value in (ANY, *choices)


def persona_rule(own: OwnPersona) -> str:
    """The row to add to persona_rules.csv, so that the next build has this persona."""
    cells = [
        "100",
        own.name,
        "",
        own.category or "",
        own.platform or "",
        own.gender or "",
        own.language or "",
        "" if own.min_followers is None else str(own.min_followers),
        "" if own.max_followers is None else str(own.max_followers),
    ]
    return ",".join(_csv_cell(cell) for cell in cells)


def _csv_cell(cell: str) -> str:
    if any(mark in cell for mark in ',"\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _state(trait: str, default: Any) -> Any:
    """What the widget of a trait holds, or, before its first run, the URL."""
    key = f"my_{trait}"
    if key in st.session_state:
        return st.session_state[key]
    value = st.query_params.get(key, default)
    if trait in ("min", "max"):
        return int(value) if value and str(value).isdigit() else None
    return value

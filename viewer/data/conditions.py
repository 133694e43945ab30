"""From what the filters choose to conditions of SQL."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from viewer.data.catalogue import NONE_MEMBER, mart_columns, mart_descriptions, quoted
from viewer.data.options import options
from viewer.published import Parameters, UnreadableFileError, read_one
from viewer.selection import OwnPersona, Selection

# What each filter compares, in influencer days joined to their influencers.
MEMBER_COLUMNS = {
    "platforms": "platform",
    "personas": "persona",
    "tiers": "tier",
    "categories": "category",
    "influencers": "influencer_id",
    "brands": "brand",
    "campaigns": "campaign_id",
}
# Of them, what influencers are, so that marts which only name the influencer can be filtered.
INFLUENCER_TRAITS = ("platforms", "personas", "tiers", "categories")
# The day of a row, in the order of preference.
DAY_COLUMNS = ("date_day", "post_date", "event_date")


class MartFilters(NamedTuple):
    """How a selection narrows a mart.

    Attributes:
        conditions: SQL conditions by filter ("dates", "platforms", …) that narrow the mart.
        missing: Chosen filters that the mart has no column for.
        keeps_undated_rows: Whether rows without a day stay although days are chosen.
    """

    conditions: dict[str, str]
    missing: list[str]
    keeps_undated_rows: bool


def spend_of_no_member(selection: Selection) -> float:
    """Spend that a brand or campaign filter leaves out because its brand or campaign is not known.

    It is the spend of the otherwise same selection under the member (none).
    """
    left_out = [
        f"{MEMBER_COLUMNS[name]} = $none"
        for name in ("brands", "campaigns")
        if selection.members(name) and NONE_MEMBER not in selection.members(name)
    ]
    if not left_out:
        return 0.0
    with_none = replace(
        selection, brands=_or_none(selection.brands), campaigns=_or_none(selection.campaigns)
    )
    chosen, parameters = influencer_days(with_none)
    spend = read_one(
        f"select coalesce(sum(spend), 0) as spend from ({chosen}) where {' or '.join(left_out)}",
        parameters | {"none": NONE_MEMBER},
    )
    return float(spend["spend"])


def filters_to_widen(selection: Selection) -> list[str]:
    """Filters each of which, if cleared alone, would bring rows into an empty selection."""
    whole = options()
    cleared = {"dates": replace(selection, first_day=whole.first_day, last_day=whole.last_day)}
    for name in MEMBER_COLUMNS:
        cleared[name] = selection.without(name)
    return [
        name
        for name, wider in cleared.items()
        if wider != selection and influencer_day_count(wider) > 0
    ]


def mart_filters(mart: str, selection: Selection) -> MartFilters:
    """How the selection narrows a mart: filters apply where the mart has their columns.

    What influencers are also reaches marts that only name the influencer; brand and campaign reach
    marts that only name the experiment. The whole period of the data is no date filter, so that
    rows of a mart that lie outside it stay.
    """
    columns = set(mart_columns(mart))
    whole = options()
    conditions, missing, keeps_undated_rows = {}, [], False
    if (selection.first_day, selection.last_day) != (whole.first_day, whole.last_day):
        day = next((column for column in DAY_COLUMNS if column in columns), None)
        if day:
            # Payouts may have no day; leaving them out would hide money without a word.
            conditions["dates"] = f"({day} between $first_day and $last_day or {day} is null)"
            keeps_undated_rows = day == "event_date"
        else:
            missing.append("dates")
    for name, column in MEMBER_COLUMNS.items():
        condition = member_condition(name, selection)
        if not condition:
            continue
        if column in columns and not (name == "personas" and selection.own_persona):
            conditions[name] = condition
        elif name in INFLUENCER_TRAITS and "influencer_id" in columns:
            conditions[name] = (
                f"influencer_id in (select influencer_id from dim_influencers where {condition})"
            )
        elif name in ("brands", "campaigns") and "experiment_id" in columns:
            conditions[name] = (
                f"experiment_id in (select experiment_id from dim_experiments where {condition})"
            )
        else:
            missing.append(name)
    return MartFilters(conditions, missing, keeps_undated_rows)


def influencer_day_count(selection: Selection) -> int:
    """How many rows of influencer days a selection has; 0 means that none was active."""
    chosen, parameters = influencer_days(selection)
    return int(read_one(f"select count(*) as days from ({chosen})", parameters)["days"])


def where_of(selection: Selection, names: Sequence[str]) -> tuple[str, Parameters]:
    """Conditions of the chosen days and, for the given filters, of the chosen members."""
    conditions = ["date_day between $first_day and $last_day"]
    parameters: Parameters = {"first_day": selection.first_day, "last_day": selection.last_day}
    for name in names:
        condition = member_condition(name, selection)
        if condition:
            conditions.append(condition)
            parameters |= member_parameters(name, selection)
    return " and ".join(conditions), parameters


def member_condition(name: str, selection: Selection) -> str:
    """SQL that holds for what a filter chooses; empty where it chooses everything."""
    alternatives = []
    if selection.members(name):
        alternatives.append(f"list_contains(${name}, {MEMBER_COLUMNS[name]})")
    if name == "personas" and selection.own_persona:
        alternatives.append(_own_persona_condition(selection.own_persona))
    return f"({' or '.join(alternatives)})" if alternatives else ""


def member_parameters(name: str, selection: Selection) -> Parameters:
    """The values of `member_condition`."""
    parameters: Parameters = {}
    if selection.members(name):
        parameters[name] = selection.members(name)
    if name == "personas" and selection.own_persona:
        parameters |= _own_persona_parameters(selection.own_persona)
    return parameters


def _own_persona_condition(own: OwnPersona) -> str:
    conditions = ["true"]
    if own.min_followers is not None:
        conditions.append("follower_count >= $own_min_followers")
    if own.max_followers is not None:
        conditions.append("follower_count <= $own_max_followers")
    for trait in ("platform", "category", "gender", "language"):
        if getattr(own, trait) is not None:
            conditions.append(f"{trait} = $own_{trait}")
    return f"({' and '.join(conditions)})"


def _own_persona_parameters(own: OwnPersona) -> Parameters:
    traits = ("min_followers", "max_followers", "platform", "category", "gender", "language")
    return {
        f"own_{trait}": getattr(own, trait) for trait in traits if getattr(own, trait) is not None
    }


def from_mart(mart: str, selection: Selection) -> tuple[str, Parameters]:
    """The from and where clauses of a mart's rows that the selection leaves."""
    if mart not in mart_descriptions():
        raise UnreadableFileError(f"The published file has no mart {mart}.")
    conditions = mart_filters(mart, selection).conditions
    parameters: Parameters = {}
    for name in conditions:
        if name == "dates":
            parameters |= {"first_day": selection.first_day, "last_day": selection.last_day}
        else:
            parameters |= member_parameters(name, selection)
    where = " and ".join(conditions.values())
    return f"from {quoted(mart)}{f' where {where}' if where else ''}", parameters


def influencer_days(selection: Selection, columns: Sequence[str] = ()) -> tuple[str, Parameters]:
    """Influencer days of a selection, with some columns of their influencers.

    Who they are is joined only where it is asked for, since every join is planned anew each time.
    """
    where, parameters = where_of(selection, tuple(MEMBER_COLUMNS))
    own = mart_columns("fct_influencer_days")
    added = [column for column in columns if column not in own]
    is_joined = added or any(member_condition(name, selection) for name in INFLUENCER_TRAITS)
    join = "inner join dim_influencers using (influencer_id)" if is_joined else ""
    return (
        f"""
        select {", ".join(["days.*", *added])}
        from fct_influencer_days as days
        {join}
        where {where}
        """,
        parameters,
    )


def _or_none(members: tuple[str, ...]) -> tuple[str, ...]:
    return (*members, NONE_MEMBER) if members else ()

"""From what the filters choose to conditions of SQL."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from viewer.data.catalogue import NONE_MEMBER, mart_columns, mart_descriptions, quoted
from viewer.data.options import options
from viewer.dimensions import DIMENSIONS, Scope
from viewer.published import Parameters, UnreadableFileError, read_one
from viewer.selection import OwnPersona, Selection

# The day of a row, in the order of preference.
DAY_COLUMNS = ("date_day", "post_date", "event_date")


class MartFilters(NamedTuple):
    """How a selection narrows a mart.

    Attributes:
        conditions: SQL conditions by filter ("dates", "platform", …) that narrow the mart.
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
    with_none = {
        name: (*selection.members(name), NONE_MEMBER)
        for name in selection.narrowed_by("campaign", "order")
        if NONE_MEMBER not in selection.members(name)
    }
    if not with_none:
        return 0.0
    chosen, parameters = influencer_days(selection.having(**with_none))
    left_out = " or ".join(f"{DIMENSIONS[name].column} = $none" for name in with_none)
    spend = read_one(
        f"select coalesce(sum(spend), 0) as spend from ({chosen}) where {left_out}",
        parameters | {"none": NONE_MEMBER},
    )
    return float(spend["spend"])


def filters_to_widen(selection: Selection) -> list[str]:
    """Filters each of which, if cleared alone, would bring rows into an empty selection."""
    whole = options()
    cleared = {"dates": replace(selection, first_day=whole.first_day, last_day=whole.last_day)}
    cleared |= {name: selection.without(name) for name in selection.narrowed_by()}
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
    conditions, missing, keeps_undated_rows = {}, [], False
    if selection.period != options().whole:
        day = next((column for column in DAY_COLUMNS if column in columns), None)
        if day:
            # Payouts may have no day; leaving them out would hide money without a word.
            conditions["dates"] = f"({day} between $first_day and $last_day or {day} is null)"
            keeps_undated_rows = day == "event_date"
        else:
            missing.append("dates")
    for name in selection.narrowed_by():
        dimension = DIMENSIONS[name]
        condition = member_condition(name, selection)
        named = "influencer" if dimension.scope == "influencer" else "experiment"
        if dimension.column in columns and not (name == "persona" and selection.own_persona):
            conditions[name] = condition
        elif f"{named}_id" in columns:
            conditions[name] = (
                f"{named}_id in (select {named}_id from dim_{named}s where {condition})"
            )
        else:
            missing.append(name)
    return MartFilters(conditions, missing, keeps_undated_rows)


def influencer_day_count(selection: Selection) -> int:
    """How many rows of influencer days a selection has; 0 means that none was active."""
    chosen, parameters = influencer_days(selection)
    return int(read_one(f"select count(*) as days from ({chosen})", parameters)["days"])


def where_of(
    selection: Selection, *scopes: Scope, first_day: str | None = "$first_day"
) -> tuple[str, Parameters]:
    """Conditions of the chosen days and of the chosen members.

    Args:
        selection: What the filters choose.
        scopes: Filters of these scopes count; those of all if none is named.
        first_day: SQL of the first day; None for all days.
    """
    conditions = [f"date_day between {first_day} and $last_day"] if first_day else ["true"]
    parameters: Parameters = {"first_day": selection.first_day, "last_day": selection.last_day}
    for name in selection.narrowed_by(*scopes):
        conditions.append(member_condition(name, selection))
        parameters |= member_parameters(name, selection)
    return " and ".join(conditions), parameters


def member_condition(name: str, selection: Selection) -> str:
    """SQL that holds for what a filter chooses, which is not everything."""
    alternatives = []
    if selection.members(name):
        alternatives.append(f"list_contains(${name}, {DIMENSIONS[name].column})")
    if name == "persona" and selection.own_persona:
        alternatives.append(_own_persona_condition(selection.own_persona))
    return f"({' or '.join(alternatives)})"


def member_parameters(name: str, selection: Selection) -> Parameters:
    """The values of `member_condition`."""
    parameters: Parameters = {}
    if selection.members(name):
        parameters[name] = list(selection.members(name))
    if name == "persona" and selection.own_persona:
        parameters |= _own_persona_parameters(selection.own_persona)
    return parameters


def _own_persona_condition(own: OwnPersona) -> str:
    conditions = ["true"]
    if own.min_followers is not None:
        conditions.append("follower_count >= $own_min_followers")
    if own.max_followers is not None:
        conditions.append("follower_count <= $own_max_followers")
    conditions += [f"list_contains($own_{trait}, {trait})" for trait in own.traits]
    return f"({' and '.join(conditions)})"


def _own_persona_parameters(own: OwnPersona) -> Parameters:
    followers = {"min_followers": own.min_followers, "max_followers": own.max_followers}
    values = {name: value for name, value in followers.items() if value is not None}
    traits = {trait: list(some) for trait, some in own.traits.items()}
    return {f"own_{name}": value for name, value in (values | traits).items()}


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
    of_days = mart_columns("fct_influencer_days")
    added = [column for column in columns if column not in of_days]
    narrowing = [DIMENSIONS[name].column for name in selection.narrowed_by()]
    is_joined = added or not set(narrowing) <= set(of_days)
    join = "inner join dim_influencers using (influencer_id)" if is_joined else ""
    is_cohort = selection.days_after is not None
    where, parameters = where_of(selection, first_day=None if is_cohort else "$first_day")
    days = f"""
        select {", ".join(["days.*", *added])}
        from fct_influencer_days as days
        {join}
        where {where}
    """
    if not is_cohort:
        return days, parameters
    cohort = f"""
        with ever as ({days})

        from cohort_days('ever', $days_after)
        where date_day between $first_day and $last_day
    """
    return cohort, parameters | {"days_after": selection.days_after}


def ever(selection: Selection) -> Selection:
    """The same selection over all dates of the data and its own, each order on its own day."""
    first_day, last_day = options().whole
    return replace(
        selection,
        first_day=min(first_day, selection.first_day),
        last_day=max(last_day, selection.last_day),
        days_after=None,
    )

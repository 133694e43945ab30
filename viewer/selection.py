"""What a page shows: the selection, a persona of one's own, and the periods to compare."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, Self

from viewer.dimensions import DIMENSIONS, Scope
from viewer.periods import Period, previous_period, previous_year

Comparison = Literal["previous period", "previous year"]
# What returns are held against: the break-even that the file was built with, or revenue alone.
JudgedBy = Literal["file", "revenue"]

DEFAULT_METHOD = "default"
# What a persona of one's own can ask for besides followers: columns of dim_influencers.
OWN_TRAITS = ("platform", "category", "gender", "language")


@dataclass(frozen=True)
class OwnPersona:
    """A persona that the user made up; a trait of None is any, an empty one fits none.

    Attributes:
        name: What the user calls it.
        min_followers: Fewest followers, included.
        max_followers: Most followers, included.
        platform: Main platforms.
        category: Categories.
        gender: Genders.
        language: Languages.
    """

    name: str
    min_followers: int | None = None
    max_followers: int | None = None
    platform: tuple[str, ...] | None = None
    category: tuple[str, ...] | None = None
    gender: tuple[str, ...] | None = None
    language: tuple[str, ...] | None = None

    @property
    def member(self) -> str:
        """What it is called as a member of the persona filter."""
        return f"★ {self.name}"

    @property
    def traits(self) -> dict[str, tuple[str, ...]]:
        """What its members have in common but for their followers, by column of influencers."""
        values = {trait: getattr(self, trait) for trait in OWN_TRAITS}
        return {trait: some for trait, some in values.items() if some is not None}


@dataclass(frozen=True)
class Selection:
    """What the filters choose; a filter without members chooses everything.

    Attributes:
        first_day: First day, included.
        last_day: Last day, included.
        chosen: Filters with the members that they choose, as `having` sets them.
        own_persona: A persona of the user's own, chosen beside those of the filter.
        judged_by: What its returns are held against.
        days_after: Its revenue is that which its spend brought up to so many days later; None for
            that of its days.
    """

    first_day: date
    last_day: date
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    own_persona: OwnPersona | None = None
    judged_by: JudgedBy = "file"
    days_after: int | None = None

    @property
    def period(self) -> Period:
        """First and last day."""
        return self.first_day, self.last_day

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last_day - self.first_day).days + 1

    @property
    def of_influencers(self) -> str:
        """Whose revenue the selection is: of all influencers (of its brands), or part of it."""
        return "this selection" if self.narrowed_by("influencer", "campaign") else "influencers"

    def members(self, name: str) -> tuple[str, ...]:
        """What a filter chooses, such as the brands of "brand"."""
        if name not in DIMENSIONS:
            raise KeyError(f"There is no filter {name}.")
        return dict(self.chosen).get(name, ())

    def having(self, **members: Sequence[str]) -> Self:
        """The same selection with other members of some filters; none clears a filter."""
        unknown = members.keys() - DIMENSIONS
        if unknown:
            raise KeyError(f"There is no filter {min(unknown)}.")
        chosen = dict(self.chosen) | {name: tuple(found) for name, found in members.items()}
        # In one order, so that selections of the same members are equal.
        ordered = ((name, chosen[name]) for name in DIMENSIONS if chosen.get(name))
        return replace(self, chosen=tuple(ordered))

    def without(self, *names: str) -> Self:
        """The same selection with some filters cleared."""
        kept = replace(self, own_persona=None) if "persona" in names else self
        return kept.having(**dict.fromkeys(names, ()))

    def narrowed_by(self, *scopes: Scope) -> list[str]:
        """Names of the filters that choose something: those of some scopes, or all of them."""
        return [
            name
            for name, dimension in DIMENSIONS.items()
            if (not scopes or dimension.scope in scopes)
            and (self.members(name) or (name == "persona" and self.own_persona))
        ]

    def before(self, comparison: Comparison) -> "Selection":
        """The same selection over the period that it is compared with."""
        shift = previous_period if comparison == "previous period" else previous_year
        first_day, last_day = shift(self.period)
        return replace(self, first_day=first_day, last_day=last_day)


@dataclass(frozen=True)
class View:
    """Everything that the sidebar sets.

    Attributes:
        selection: What the filters choose.
        comparison: What tiles are compared with, if anything.
        method: Method of incremental figures, or "default".
        regions: Regions that experiments must have treated, where a page has experiments.
        own_persona: The persona that the user made up, whether chosen or not.
    """

    selection: Selection
    comparison: Comparison | None = None
    method: str = DEFAULT_METHOD
    regions: tuple[str, ...] = ()
    own_persona: OwnPersona | None = None

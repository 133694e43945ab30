"""What a page shows: the selection, a persona of one's own, and the periods to compare."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

Comparison = Literal["previous period", "previous year"]
Period = tuple[date, date]

DEFAULT_METHOD = "default"


@dataclass(frozen=True)
class OwnPersona:
    """A persona that the user made up; a trait of None is any.

    Attributes:
        name: What the user calls it.
        min_followers: Fewest followers, included.
        max_followers: Most followers, included.
        platform: Main platform.
        category: Category.
        gender: Gender.
        language: Language.
    """

    name: str
    min_followers: int | None = None
    max_followers: int | None = None
    platform: str | None = None
    category: str | None = None
    gender: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Selection:
    """What the filters choose; a filter without members chooses everything.

    Attributes:
        first_day: First day, included.
        last_day: Last day, included.
        platforms: Main platforms of the influencers.
        personas: Personas of the influencers.
        tiers: Tiers of the influencers.
        categories: Categories of the influencers.
        influencers: Ids of influencers.
        brands: Brands.
        campaigns: Ids of campaigns.
        own_persona: A persona of the user's own, chosen beside `personas`.
    """

    first_day: date
    last_day: date
    platforms: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    influencers: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    own_persona: OwnPersona | None = None

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last_day - self.first_day).days + 1

    @property
    def of_influencers(self) -> str:
        """Whose revenue the selection is: of all influencers (of its brands), or part of it."""
        everybody = self.without(
            "platforms", "personas", "tiers", "categories", "influencers", "campaigns"
        )
        return "influencers" if self == everybody else "this selection"

    def members(self, name: str) -> list[str]:
        """What the filter `name` chooses, such as the brands."""
        return list(getattr(self, name))

    def without(self, *names: str) -> "Selection":
        """The same selection with some filters cleared."""
        cleared: dict[str, Any] = {name: () for name in names}
        if "personas" in names:
            cleared["own_persona"] = None
        return replace(self, **cleared)

    def before(self, comparison: Comparison) -> "Selection":
        """The same selection over the period that it is compared with.

        The previous period has as many days and ends where this one begins; the previous year has
        the same days of the calendar, 29 February as the 28th.
        """
        if comparison == "previous period":
            length = timedelta(days=self.days)
            return replace(self, first_day=self.first_day - length, last_day=self.last_day - length)
        return replace(
            self, first_day=_year_before(self.first_day), last_day=_year_before(self.last_day)
        )


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


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)

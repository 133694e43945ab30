"""What can be chosen about a world: typed, checked, read from `worlds/*.toml`."""

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from simulate.catalogue import EVENTS, REGIONS

WORLDS = Path(__file__).parent / "worlds"
Tier = Literal["Nano", "Micro", "Mid", "Macro", "Mega"]
Platform = Literal["Instagram", "YouTube", "Facebook", "Twitter"]

# Strict: "0.5" and true are no numbers.
Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Spread = Annotated[float, Field(ge=0, le=3, strict=True)]
Delay = Annotated[int, Field(ge=1, le=366, strict=True)]
Factor = Annotated[float, Field(ge=0, le=10, strict=True)]


class SettingsError(ValueError):
    """A setting that cannot be; its message is one line for the user."""


class Section(BaseModel):
    """Settings that belong together; they cannot be changed, misspelt or left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Demand(Section):
    """What the shop would sell without any influencer."""

    yearly_growth: Annotated[float, Field(ge=-0.9, le=5, strict=True)]
    weekday: tuple[Factor, Factor, Factor, Factor, Factor, Factor, Factor]
    payday_lift: Annotated[float, Field(ge=0, le=5, strict=True)]
    event_lift: Factor
    event_spread: Spread
    mix_spread: Spread
    shared_shock: Spread
    shared_persistence: Annotated[float, Field(ge=0, le=0.99, strict=True)]
    region_shock: Spread
    region_persistence: Annotated[float, Field(ge=0, le=0.99, strict=True)]
    region_drift: Spread
    brand_drift: Spread
    drift_persistence: Annotated[float, Field(ge=0, le=0.999, strict=True)]
    overdispersion: Spread

    @model_validator(mode="after")
    def _some_day_sells(self) -> Self:
        if not any(self.weekday):
            raise ValueError(f"demand.weekday is {list(self.weekday)}, must not be 0 on every day")
        return self


class Customers(Section):
    """Who buys, with which coupon, and what comes back."""

    loyal_share: Share
    new_share: Share
    new_share_influenced: Share
    coupon_share: Share
    return_share: Share
    refusal_share: Share

    @model_validator(mode="after")
    def _fates_add_up(self) -> Self:
        if self.return_share + self.refusal_share > 1:
            raise ValueError(
                f"customers.refusal_share is {self.refusal_share}, must be at most"
                f" {1 - self.return_share:g}, as return_share is {self.return_share}"
            )
        return self


class Campaigns(Section):
    """How campaigns are laid out over brands, days and regions."""

    per_year: Annotated[float, Field(ge=0, le=1_000, strict=True)]
    regional_share: Share
    paired_share: Share
    overlap_share: Share
    shortest_days: Annotated[int, Field(ge=1, le=366, strict=True)]
    longest_days: Annotated[int, Field(ge=1, le=366, strict=True)]
    cooldown_days: Annotated[int, Field(ge=0, le=366, strict=True)]
    pretest_days: Annotated[int, Field(ge=0, le=366, strict=True)]
    timed_on_sales: Share
    smallest_team: Annotated[int, Field(ge=1, le=1_000, strict=True)]
    largest_team: Annotated[int, Field(ge=1, le=1_000, strict=True)]
    posts_each: Annotated[float, Field(ge=1, le=50, strict=True)]
    always_on_share: Annotated[float, Field(ge=0, le=0.9, strict=True)]
    treated_regions: tuple[str, ...]
    control_regions: tuple[str, ...]

    @model_validator(mode="after")
    def _ranges_are_in_order(self) -> Self:
        for low, high in (("shortest_days", "longest_days"), ("smallest_team", "largest_team")):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(
                    f"campaigns.{low} is {getattr(self, low)}, must be at most"
                    f" {getattr(self, high)}, which is campaigns.{high}"
                )
        return self

    @model_validator(mode="after")
    def _regions_exist(self) -> Self:
        known = set(REGIONS.region)
        for name in ("treated_regions", "control_regions"):
            for region in getattr(self, name):
                if region not in known:
                    raise ValueError(
                        f"campaigns.{name} has {region!r}, must be regions of"
                        " simulate/data/regions.csv, such as 'Kerala'"
                    )
        only = set(self.treated_regions) | set(self.control_regions)
        if self.treated_regions and self.control_regions and len(only) == 1:
            raise ValueError(
                f"campaigns.control_regions is {list(self.control_regions)}, must hold another"
                " region than campaigns.treated_regions"
            )
        return self


class Effect(Section):
    """What posts do to demand, and how much of it can be seen."""

    ceiling: Annotated[float, Field(ge=0, le=5, strict=True)]
    creative: Share
    creative_spread: Annotated[float, Field(ge=0, le=0.5, strict=True)]
    flop_share: Share
    always_on: Share
    saturation: Annotated[float, Field(gt=0, le=1_000, strict=True)]
    fit: Factor
    persuasion_spread: Spread
    halo_share: Share
    halo_spread: Annotated[float, Field(ge=0, le=0.5, strict=True)]
    leak_share: Share
    leak_spread: Spread
    spill_over: Share
    pull_forward: Share
    pull_forward_days: tuple[Delay, Delay]
    platform: dict[Platform, Factor]
    half_life_days: dict[Platform, Annotated[float, Field(gt=0, le=60, strict=True)]]
    tier: dict[Tier, Factor]

    @model_validator(mode="after")
    def _tables_are_complete(self) -> Self:
        for name, keys in (("platform", Platform), ("half_life_days", Platform), ("tier", Tier)):
            for key in get_args(keys):
                if key not in getattr(self, name):
                    raise ValueError(f"effect.{name}.{key} is missing")
        return self

    @model_validator(mode="after")
    def _delay_is_in_order(self) -> Self:
        first, last = self.pull_forward_days
        if first > last:
            raise ValueError(
                f"effect.pull_forward_days is {[first, last]}, must be the shorter delay first"
            )
        return self


class Money(Section):
    """What influencers are paid."""

    fee_share: Share
    overpaid_share: Share
    reversed_share: Share


class Settings(Section):
    """A world: the same settings and seed give the same files, byte for byte."""

    world: str
    seed: Annotated[int, Field(ge=0, le=2**63 - 1, strict=True)]
    start: Annotated[date, Field(ge=EVENTS.first_covered, le=EVENTS.last_covered)]
    days: Annotated[int, Field(ge=7, le=3_660, strict=True)]
    orders: Annotated[int, Field(ge=1, le=10_000_000_000, strict=True)]
    influencers: Annotated[int, Field(ge=1, le=100_000, strict=True)]
    mess: Annotated[float, Field(ge=0, le=0.5, strict=True)]
    demand: Demand
    customers: Customers
    campaigns: Campaigns
    effect: Effect
    money: Money

    @property
    def last_day(self) -> date:
        """Last day of the period, also the day on which the exports are taken."""
        return self.start + timedelta(days=self.days - 1)

    @model_validator(mode="after")
    def _calendar_covers_the_period(self) -> Self:
        if self.last_day > EVENTS.last_covered:
            longest = (EVENTS.last_covered - self.start).days + 1
            raise ValueError(
                f"days is {self.days}, must be at most {longest} from {self.start}:"
                f" simulate/data/events.csv ends on {EVENTS.last_covered}"
            )
        return self


def world_names() -> list[str]:
    """Names of the worlds that come with Helios."""
    return sorted(path.stem for path in WORLDS.glob("*.toml"))


def load_settings(world: str, seed: int, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read a world, apply what the user wants otherwise, and check everything.

    Args:
        world: Name of a world under `simulate/worlds`, or path of a TOML file.
        seed: Root of all randomness.
        overrides: Settings by dotted name, such as `{"days": 90, "effect.halo_share": 0.3}`.

    Returns:
        The settings.

    Raises:
        SettingsError: If a file, a name or a value is wrong.
    """
    values = _read_world(world, ())
    values |= {"world": Path(world).stem, "seed": seed}
    for name, value in (overrides or {}).items():
        _set(values, name, value)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_one_line(error)) from None


def _read_world(world: str, seen: tuple[str, ...]) -> dict[str, Any]:
    named = WORLDS / f"{world}.toml"
    path = named if named.parent == WORLDS and named.is_file() else Path(world)
    if world in seen:
        raise SettingsError(f"world {seen[0]!r} extends itself: {' > '.join((*seen, world))}")
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        known = ", ".join(world_names())
        raise SettingsError(
            f"world is {world!r}, must be the path of a TOML file or one of: {known}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from None
    base = values.pop("extends", None)
    if base is None:
        return values
    if not isinstance(base, str):
        raise SettingsError(f"{path}: extends is {base!r}, must be the name of a world")
    return _merge(_read_world(base, (*seen, world)), values)


def _merge(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in changes.items():
        both = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = _merge(merged[name], value) if both else value
    return merged


def _set(values: dict[str, Any], name: str, value: object) -> None:
    *sections, last = name.split(".")
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise SettingsError(f"{name} is not a setting: {section} has no settings below it")
    values[last] = value


def _one_line(error: ValidationError) -> str:
    """The first thing wrong, as one line: setting, value, allowed range."""
    first = error.errors()[0]
    if first["type"] == "value_error":  # one of the validators above: it names the setting itself
        return str(first["ctx"]["error"])
    name = ".".join(str(part) for part in first["loc"] if part != "[key]")
    if first["type"] == "extra_forbidden":
        return f"{name} is not a setting; simulate/worlds/default.toml lists them all"
    if first["type"] == "missing" and isinstance(first["loc"][-1], int):  # a list too short
        whole = first["loc"][:-1]
        return f"{'.'.join(map(str, whole))} is {first['input']}, must be {_allowed(whole)}"
    if first["type"] == "missing":
        return f"{name} is missing; a world that extends 'default' states only what differs"
    if first["type"] == "literal_error":
        return f"{name} is not a setting, must be one of {first['ctx']['expected']}"
    shown = " ".join(str(first["input"]).split())
    return f"{name} is {shown}, must be {_allowed(first['loc'])}"


def _allowed(location: tuple[int | str, ...]) -> str:
    """What a setting may be, in words, from the types above."""
    schema = Settings.model_json_schema()
    node = schema
    for part in location:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
        if isinstance(part, int):
            node = node["prefixItems"][part] if "prefixItems" in node else node["items"]
        else:
            node = (
                node["properties"][part] if "properties" in node else node["additionalProperties"]
            )
    kind = {
        "integer": "a whole number", "number": "a number", "array": "a list", "object": "a section",
        "string": "a date as YYYY-MM-DD" if node.get("format") == "date" else "a text",
    }[node.get("type", "object")]  # fmt: skip
    limits = _limits(location[-1], node)
    return f"{kind}{limits}"


def _limits(name: int | str, node: Mapping[str, Any]) -> str:
    if name == "start":
        return f" from {EVENTS.first_covered} to {EVENTS.last_covered}"
    if node.get("type") == "array" and "minItems" in node:
        return f" of {node['minItems']}"
    if "exclusiveMinimum" in node:
        return f" above {node['exclusiveMinimum']}, at most {node['maximum']}"
    if "minimum" in node:
        return f" from {node['minimum']} to {node['maximum']}"
    return ""

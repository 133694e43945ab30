"""Settings: what is allowed, what a mistake is told, how worlds and overrides come together."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulate import SettingsError, load_settings
from simulate.settings import world_names
from tests.python.simulate.worlds import SAME_EXAMPLES
from tests.python.support import PROJECT

pytestmark = pytest.mark.slow

WORLDS = PROJECT / "simulate" / "worlds"
DEFAULT = (WORLDS / "default.toml").read_text(encoding="utf-8")
EIGHT_REGIONS = (
    *("Gujarat", "Karnataka", "Kerala", "Maharashtra", "Tamil Nadu", "Telangana", "Uttar Pradesh"),
    "West Bengal",
)
# What each world is for: the only settings in which it may differ from the default world.
DIFFERENCES: dict[str, dict[str, Any]] = {
    "big": {"orders": 10_000_000},
    "default": {},
    "different-influencers": {"effect.persuasion_spread": 1.2, "effect.leak_spread": 1.5},
    "festival": {"demand.event_spread": 0.25, "campaigns.timed_on_sales": 1.0},
    "few-regions": {
        "campaigns.treated_regions": EIGHT_REGIONS, "campaigns.control_regions": EIGHT_REGIONS,
    },
    "flat": {"effect.saturation": 0.05, "effect.ceiling": 0.35},
    "halo": {"effect.halo_share": 0.8},
    "leaks-60": {"effect.leak_share": 0.6},
    "leaky-codes": {"effect.leak_share": 0.5},
    "national": {"campaigns.regional_share": 0.0},
    "no-codes": {"effect.halo_share": 1.0, "effect.halo_spread": 0.0, "effect.leak_share": 0.0},
    "national-drift": {"campaigns.regional_share": 0.0, "demand.brand_drift": 0.05},
    "null": {
        "effect.creative": 0.0, "effect.creative_spread": 0.0, "effect.always_on": 0.0,
        "effect.leak_share": 0.25,
    },
    "one-level": {
        "campaigns.per_year": 16.0, "campaigns.regional_share": 0.0,
        "campaigns.overlap_share": 0.0, "campaigns.shortest_days": 28,
        "campaigns.longest_days": 28, "campaigns.smallest_team": 80,
        "campaigns.largest_team": 80, "campaigns.posts_each": 1.0,
    },
    "overlap": {"campaigns.overlap_share": 0.6},
    "shocks": {
        "demand.shared_shock": 0.15, "demand.region_shock": 0.12, "demand.overdispersion": 0.2,
    },
    "spill-over": {"effect.spill_over": 0.25},
    "steep": {"effect.saturation": 5.0, "effect.ceiling": 2.5},
    "stockpiling": {"effect.pull_forward": 0.33},
    "tiny": {
        "start": date(2026, 4, 1), "days": 183, "orders": 6_000, "influencers": 24,
        "campaigns.per_year": 16.0,
    },
    "trend": {"demand.yearly_growth": 1.0, "demand.region_drift": 0.1},
}  # fmt: skip
# Lowest and highest value of every single number, with what else must hold for it.
RANGES: dict[str, tuple[float, float]] = {
    "seed": (0, 2**63 - 1), "days": (7, 3_660), "orders": (1, 10_000_000_000),
    "influencers": (1, 100_000), "mess": (0, 0.5),
    "demand.yearly_growth": (-0.9, 5), "demand.payday_lift": (0, 5),
    "demand.event_lift": (0, 10), "demand.event_spread": (0, 3), "demand.mix_spread": (0, 3),
    "demand.shared_shock": (0, 3), "demand.shared_persistence": (0, 0.99),
    "demand.region_shock": (0, 3), "demand.region_persistence": (0, 0.99),
    "demand.region_drift": (0, 3), "demand.brand_drift": (0, 3),
    "demand.drift_persistence": (0, 0.999),
    "demand.overdispersion": (0, 3),
    "customers.loyal_share": (0, 1), "customers.new_share": (0, 1),
    "customers.new_share_influenced": (0, 1), "customers.coupon_share": (0, 1),
    "customers.return_share": (0, 1), "customers.refusal_share": (0, 1),
    "campaigns.per_year": (0, 1_000), "campaigns.regional_share": (0, 1),
    "campaigns.paired_share": (0, 1), "campaigns.overlap_share": (0, 1),
    "campaigns.shortest_days": (1, 366), "campaigns.longest_days": (1, 366),
    "campaigns.cooldown_days": (0, 366), "campaigns.pretest_days": (0, 366),
    "campaigns.timed_on_sales": (0, 1), "campaigns.smallest_team": (1, 1_000),
    "campaigns.largest_team": (1, 1_000), "campaigns.posts_each": (1, 50),
    "campaigns.always_on_share": (0, 0.9),
    "effect.ceiling": (0, 5), "effect.creative": (0, 1), "effect.creative_spread": (0, 0.5),
    "effect.flop_share": (0, 1), "effect.always_on": (0, 1), "effect.fit": (0, 10),
    "effect.persuasion_spread": (0, 3),
    "effect.halo_share": (0, 1), "effect.halo_spread": (0, 0.5), "effect.leak_share": (0, 1),
    "effect.leak_spread": (0, 3), "effect.spill_over": (0, 1), "effect.pull_forward": (0, 1),
    "effect.platform.Facebook": (0, 10), "effect.tier.Mega": (0, 10),
    "money.fee_share": (0, 1), "money.overpaid_share": (0, 1), "money.reversed_share": (0, 1),
}  # fmt: skip
ABOVE_ZERO = {"effect.saturation": 1_000, "effect.half_life_days.Twitter": 60}
NEEDS: dict[str, dict[str, Any]] = {
    "days": {"start": date(2019, 1, 1)},
    "customers.return_share": {"customers.refusal_share": 0.0},
    "customers.refusal_share": {"customers.return_share": 0.0},
    "campaigns.shortest_days": {"campaigns.longest_days": 366},
    "campaigns.longest_days": {"campaigns.shortest_days": 1},
    "campaigns.smallest_team": {"campaigns.largest_team": 1_000},
    "campaigns.largest_team": {"campaigns.smallest_team": 1},
}
WHOLE_NUMBERS = {
    "seed", "days", "orders", "influencers", "campaigns.shortest_days", "campaigns.longest_days",
    "campaigns.cooldown_days", "campaigns.pretest_days", "campaigns.smallest_team",
    "campaigns.largest_team",
}  # fmt: skip


def error_of(overrides: dict[str, Any], world: str = "default") -> str:
    """What a setting that cannot be is told: always one line."""
    with pytest.raises(SettingsError) as stop:
        load_settings(world, 1, overrides)
    message = str(stop.value)
    assert "\n" not in message
    return message


def flattened(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= flattened(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = tuple(value) if isinstance(value, list) else value
    return flat


def loaded(world: str, overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    return flattened(load_settings(world, 1, overrides).model_dump())


def lasting(name: str) -> dict[str, Any]:
    return {"world": name, "seed": 1}


def written_to(folder: Path, text: str, name: str = "mine.toml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def without(name: str) -> str:
    """The default world's file without one of its sections or of the settings on top."""
    kept, section = [], ""
    for line in DEFAULT.splitlines():
        if line.startswith("["):
            section = line[1 : line.index("]")]
        key = section or line.partition(" ")[0]
        if key != name and not key.startswith(f"{name}."):
            kept.append(line)
    return "\n".join(kept)


def test_the_named_worlds_are_the_documented_ones() -> None:
    assert world_names() == sorted(DIFFERENCES)


@pytest.mark.parametrize("world", DIFFERENCES)
def test_a_named_world_is_the_default_world_but_for_what_it_is_for(world: str) -> None:
    default = flattened(tomllib.loads(DEFAULT))
    assert loaded(world) == default | DIFFERENCES[world] | lasting(world)


@pytest.mark.parametrize("name", RANGES)
def test_a_number_may_reach_its_limits(name: str) -> None:
    for value in RANGES[name]:
        settings = loaded("default", NEEDS.get(name, {}) | {name: value})
        assert settings[name] == value


@pytest.mark.parametrize("name", RANGES)
def test_a_number_outside_its_range_is_told_the_range(name: str) -> None:
    lowest, highest = RANGES[name]
    is_whole = name in WHOLE_NUMBERS
    step, far = (1, 10**30) if is_whole else (1e-6, 1e300)
    for value in (lowest - step, highest + step, -far, far):
        message = error_of(NEEDS.get(name, {}) | {name: value})
        numbers = re.fullmatch(
            rf"{re.escape(f'{name} is {value}')}, must be"
            rf" {'a whole number' if is_whole else 'a number'} from (\S+) to (\S+)",
            message,
        )
        assert numbers is not None, message
        assert [float(number) for number in numbers.groups()] == [float(lowest), float(highest)]


@pytest.mark.parametrize("name", ABOVE_ZERO)
def test_what_divides_is_above_zero(name: str) -> None:
    for value in (0, -1, ABOVE_ZERO[name] + 1):
        expected = f"{name} is {value}, must be a number above 0, at most {ABOVE_ZERO[name]}"
        assert error_of({name: value}) == expected
    assert loaded("default", {name: 1e-6})[name] == 1e-6


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), "much", [1], {}])
@pytest.mark.parametrize("name", ["orders", "demand.payday_lift", "effect.tier.Nano"])
def test_what_is_no_number_is_refused(name: str, value: object) -> None:
    kind = "a whole number" if name == "orders" else "a number"
    assert error_of({name: value}).startswith(f"{name} is {value}, must be {kind} from ")


@pytest.mark.parametrize(
    ("name", "value"), [("orders", True), ("days", "30"), ("effect.creative", "0.5")]
)
def test_a_text_or_a_boolean_is_no_number(name: str, value: object) -> None:
    assert f"{name} is {value}, must be " in error_of({name: value})


def test_a_fraction_is_no_whole_number() -> None:
    expected = "orders is 1.5, must be a whole number from 1 to 10000000000"
    assert error_of({"orders": 1.5}) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("start", "30/09/2026", "start is 30/09/2026, must be a date as YYYY-MM-DD from"),
        ("start", date(2017, 12, 31), "start is 2017-12-31, must be a date as YYYY-MM-DD from"),
        ("start", date(2031, 1, 1), "start is 2031-01-01, must be a date as YYYY-MM-DD from"),
        ("start", 2026, "start is 2026, must be a date as YYYY-MM-DD from 2018-01-01 to 2030-"),
        ("demand", 3, "demand is 3, must be a section"),
        ("effect.platform", 3, "effect.platform is 3, must be a section"),
        ("demand.weekday", 7, "demand.weekday is 7, must be a list of 7"),
        ("demand.weekday", [1] * 6, "demand.weekday is [1, 1, 1, 1, 1, 1], must be a list of 7"),
        ("demand.weekday", [1] * 8, "must be a list of 7"),
        ("demand.weekday", [1] * 6 + [-1], "demand.weekday.6 is -1, must be a number from 0 to 10"),
        ("demand.weekday", [0] * 7, "must not be 0 on every day"),
        ("effect.pull_forward_days", [7], "effect.pull_forward_days is [7], must be a list of 2"),
        ("effect.pull_forward_days", [9, 7], "effect.pull_forward_days is [9, 7], must be the"),
        ("effect.pull_forward_days", [0, 7], "effect.pull_forward_days.0 is 0, must be a whole"),
        ("effect.pull_forward_days", [7, 367], "must be a whole number from 1 to 366"),
        ("campaigns.treated_regions", "Goa", "campaigns.treated_regions is Goa, must be a list"),
        ("campaigns.treated_regions", [7], "campaigns.treated_regions.0 is 7, must be a text"),
    ],
)
def test_other_mistakes_name_setting_value_and_what_is_allowed(
    name: str, value: object, expected: str
) -> None:
    assert expected in error_of({name: value})


@pytest.mark.parametrize("name", ["campaigns.treated_regions", "campaigns.control_regions"])
def test_a_region_that_does_not_exist_is_named(name: str) -> None:
    message = error_of({name: ["Goa", "Atlantis"]})
    assert message.startswith(f"{name} has 'Atlantis', must be regions of ")
    assert "simulate/data/regions.csv" in message


def test_one_region_cannot_be_all_of_both_arms() -> None:
    arms = {"campaigns.treated_regions": ["Goa"], "campaigns.control_regions": ["Goa"]}
    expected = "campaigns.control_regions is ['Goa'], must hold another region than"
    assert expected in error_of(arms)
    assert load_settings("default", 1, arms | {"campaigns.control_regions": ["Goa", "Kerala"]})


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (
            {"campaigns.shortest_days": 36},
            "campaigns.shortest_days is 36, must be at most 35, which is campaigns.longest_days",
        ),
        (
            {"campaigns.largest_team": 6},
            "campaigns.smallest_team is 7, must be at most 6, which is campaigns.largest_team",
        ),
        (
            {"customers.return_share": 0.6, "customers.refusal_share": 0.5},
            "customers.refusal_share is 0.5, must be at most 0.4, as return_share is 0.6",
        ),
        (
            {"start": date(2030, 12, 25), "days": 8},
            "days is 8, must be at most 7 from 2030-12-25:"
            " simulate/data/events.csv ends on 2030-12-31",
        ),
    ],
)
def test_settings_that_do_not_go_together(overrides: dict[str, Any], expected: str) -> None:
    assert error_of(overrides) == expected


def test_the_period_may_end_on_the_calendars_last_day() -> None:
    settings = load_settings("default", 1, {"start": date(2030, 12, 25), "days": 7})
    assert settings.last_day == date(2030, 12, 31)


@pytest.mark.parametrize(
    "name", ["day", "demand.weekdays", "money.fee", "nothing.at.all", "extends", "demand..x"]
)
def test_a_misspelt_setting_is_named(name: str) -> None:
    message = error_of({name: 1})
    assert message.endswith("is not a setting; simulate/worlds/default.toml lists them all")
    assert message.startswith(name.partition(".")[0])


def test_a_misspelt_key_of_a_table_is_told_the_keys() -> None:
    assert error_of({"effect.platform.TikTok": 1}) == (
        "effect.platform.TikTok is not a setting, must be one of"
        " 'Instagram', 'YouTube', 'Facebook' or 'Twitter'"
    )


@pytest.mark.parametrize("name", ["days.x", "effect.tier.Nano.x", "demand.weekday.0"])
def test_a_setting_without_settings_below_it_says_so(name: str) -> None:
    assert error_of({name: 1}).startswith(f"{name} is not a setting: ")


@pytest.mark.parametrize("name", ["effect.platform", "effect.half_life_days", "effect.tier"])
def test_a_table_without_all_of_its_keys_says_which_is_missing(name: str) -> None:
    first = {"Nano": 1.0} if name == "effect.tier" else {"Instagram": 1.0}
    missing = "Micro" if name == "effect.tier" else "YouTube"
    assert error_of({name: first}) == f"{name}.{missing} is missing"


@pytest.mark.parametrize(
    "name",
    ["start", "days", "orders", "influencers", "mess",
     "demand", "customers", "campaigns", "effect", "money"],
)  # fmt: skip
def test_a_world_without_a_section_says_which_is_missing(name: str, tmp_path: Path) -> None:
    message = error_of({}, written_to(tmp_path, without(name)))
    expected = "is missing; a world that extends 'default' states only what differs"
    assert message == f"{name} {expected}"


def test_a_world_of_ones_own_by_path(tmp_path: Path) -> None:
    world = written_to(
        tmp_path, 'extends = "halo"\ndays = 90\n[effect.tier]\nNano = 2.0\n', "my own.toml"
    )
    changed = {"effect.halo_share": 0.8, "days": 90, "effect.tier.Nano": 2.0}
    assert loaded(world) == loaded("default") | changed | lasting("my own")


def test_a_world_without_extends_stands_alone(tmp_path: Path) -> None:
    world = written_to(tmp_path, DEFAULT.replace("days = 548", "days = 90"))
    assert loaded(world) == loaded("default") | {"days": 90} | lasting("mine")


def test_a_named_world_wins_over_a_file_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_to(tmp_path, "no TOML", "tiny")
    monkeypatch.chdir(tmp_path)
    assert load_settings("tiny", 1).days == 183


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"days = ", "{path} is not TOML: "),
        (b"days = 9\ndays = 9", "{path} is not TOML: "),
        (b"\xff\xfe", "{path} is not TOML: "),
        (b"extends = 3", "{path}: extends is 3, must be the name of a world"),
        (b'extends = "nowhere"', "world is 'nowhere', must be the path of a TOML file or one of"),
        (b'extends = "{path}"', "world '{path}' extends itself: {path} > {path}"),
    ],
)
def test_a_file_that_is_no_world(content: bytes, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content.replace(b"{path}", str(path).encode()))
    assert error_of({}, str(path)).startswith(expected.replace("{path}", str(path)))


def test_worlds_that_extend_each_other(tmp_path: Path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text(f'extends = "{two}"')
    two.write_text(f'extends = "{one}"')
    assert error_of({}, str(one)) == f"world '{one}' extends itself: {one} > {two} > {one}"


def test_an_unknown_world_is_told_the_known_ones(tmp_path: Path) -> None:
    for world in ("atlantis", "../worlds/default", str(tmp_path)):
        known = ", ".join(sorted(DIFFERENCES))
        expected = f"world is {world!r}, must be the path of a TOML file or one of: {known}"
        assert error_of({}, world) == expected


@given(st.sampled_from(sorted(DIFFERENCES)), st.integers(7, 400), st.floats(0, 1))
@SAME_EXAMPLES
def test_overrides_win_over_the_world(world: str, days: int, share: float) -> None:
    changes = {"days": days, "effect.halo_share": share, "campaigns.control_regions": ["Goa"]}
    expected = loaded(world) | changes | {"campaigns.control_regions": ("Goa",)}
    assert loaded(world, changes) == expected


@given(
    st.sampled_from(sorted(RANGES)),
    st.none() | st.booleans() | st.text() | st.floats() | st.lists(st.integers(), max_size=3),
)
@SAME_EXAMPLES
def test_whatever_a_setting_is_set_to_it_works_or_is_one_line(name: str, value: object) -> None:
    try:
        load_settings("default", 1, {name: value})
    except SettingsError as error:
        # What line breaks do has a test of its own.
        assert "\n" not in str(error).replace(str(value), "")
        assert name.rpartition(".")[2] in str(error)


def test_a_value_with_a_line_break_is_told_in_one_line() -> None:
    assert "orders is" in error_of({"orders": "a\nb"})


def test_settings_cannot_be_changed() -> None:
    settings = load_settings("default", 1)
    with pytest.raises(ValueError, match="frozen"):
        settings.days = 9

"""Campaigns that were planned elsewhere: what they are in a world, and what they leave alone."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulate import World, load_settings, simulate_world
from simulate.__main__ import main
from simulate.catalogue import BRAND_NAMES, NO_MEMBER, REGIONS
from simulate.planned import Planned, read_planned
from tests.python.simulate.worlds import read

SIZE: dict[str, Any] = {"orders": 60_000, "days": 200, "start": "2025-01-01", "influencers": 120}
CAMPAIGNS = """campaign_id,name,brand,start_date,end_date,cooldown_days
'=T1,Monsoon,HKVitals,2025-05-05,2025-06-01,14
T2,,MuscleBlaze,2025-06-02,2025-06-15,
"""
REGION_ROWS = """campaign_id,region,role
'=T1,Kerala,treatment
'=T1,Tamil Nadu,treatment
'=T1,Delhi,control
'=T1,Punjab,control
"""
PLANS = """campaign_id,budget,plan_hash
'=T1,40000.00,abc
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files as the viewer exports them: with a byte order mark, and harmless in spreadsheets."""
    made = tmp_path / "plan"
    made.mkdir()
    for name, text in (
        ("campaigns", CAMPAIGNS),
        ("campaign_regions", REGION_ROWS),
        ("test_plans", PLANS),
    ):
        (made / f"{name}.csv").write_text(text, encoding="utf-8-sig")
    return made


@pytest.fixture
def worlds(folder: Path) -> tuple[World, World, Planned]:
    """A world without and with planned campaigns."""
    settings = load_settings("default", 3, SIZE)
    planned = read_planned(folder, settings)
    return simulate_world(settings), simulate_world(settings, planned), planned


def test_campaigns_are_as_planned(worlds: tuple[World, World, Planned]) -> None:
    without, with_, _ = worlds
    first, second = with_.campaigns.plan[-2:]
    assert with_.campaigns.campaign_id[-2:].tolist() == ["=T1", "T2"]
    assert with_.campaigns.name[-2:].tolist() == ["Monsoon", "T2"]
    assert BRAND_NAMES[[first.brand, second.brand]].tolist() == ["HKVitals", "MuscleBlaze"]
    # 5 May is day 124 of 2025, counted from 0.
    assert (first.start, first.end, first.cooldown_end) == (124, 151, 165)
    assert (second.start, second.days, second.cooldown_days) == (152, 14, 0)
    assert REGIONS.region[first.treated].tolist() == ["Kerala", "Tamil Nadu"]
    assert REGIONS.region[first.control].tolist() == ["Delhi", "Punjab"]
    assert first.languages == ("Malayalam", "Tamil")
    assert not second.is_regional
    assert [repr(one) for one in with_.campaigns.plan[:-2]] == [
        repr(one) for one in without.campaigns.plan
    ]
    own = with_.posts.campaign >= with_.campaigns.scheduled
    days = with_.posts.day[own & (with_.posts.campaign == with_.campaigns.scheduled)]
    assert days.min() >= first.start and days.max() <= first.end


def test_all_else_stays_as_it_is(worlds: tuple[World, World, Planned]) -> None:
    without, with_, _ = worlds
    np.testing.assert_array_equal(without.baseline.with_coupon, with_.baseline.with_coupon)
    np.testing.assert_array_equal(without.baseline.without_coupon, with_.baseline.without_coupon)
    own = with_.posts.campaign < with_.campaigns.scheduled
    for column in ("influencer", "campaign", "brand", "day", "reach", "clicks", "caption"):
        np.testing.assert_array_equal(
            getattr(without.posts, column), getattr(with_.posts, column)[own]
        )

    def caused(world: World) -> NDArray[np.int64]:
        """Orders by campaign, region and day; posts outside campaigns come last."""
        campaign = world.posts.campaign[world.response.post]
        kept = campaign < without.campaigns.scheduled
        campaign = np.where(campaign == NO_MEMBER, without.campaigns.scheduled, campaign)[kept]
        shape = (without.campaigns.scheduled + 1, len(REGIONS.share), SIZE["days"])
        sums = np.zeros(shape, dtype=np.int64)
        orders = world.response.attributed + world.response.halo + world.response.leaked
        where = (campaign, world.response.region[kept], world.response.day[kept])
        np.add.at(sums, where, orders[kept])
        return sums

    assert caused(without).sum() > 1_000
    np.testing.assert_array_equal(caused(without), caused(with_))
    planned = with_.posts.campaign[with_.response.post] == with_.campaigns.scheduled
    regions = with_.response.region[planned & (with_.response.attributed > 0)]
    first = with_.campaigns.plan[-2]
    assert np.isin(regions, first.treated).mean() > 0.8


def test_spend_is_the_budget_and_the_plan_goes_through(folder: Path, tmp_path: Path) -> None:
    command = ["--seed", "3", "--planned", str(folder)]
    for name, value in SIZE.items():
        command += [f"--{name}", str(value)]
    out, truth = tmp_path / "raw", tmp_path / "truth"
    assert main([*command, "--out", str(out), "--truth", str(truth)]) == 0
    files = read(load_settings("default", 3, SIZE), out, truth)
    spent = dict(files.rows("select campaign_id, spend from truth.campaigns"))
    # Fees are multiples of 50.
    assert 38_500 <= spent["=T1"] <= 41_500
    assert spent["T2"] > 0
    lines = files.rows(
        """
        select basis, rate = total_payout, posts, count(*) > 3
        from raw.payouts where campaign = '=T1' group by all
        """
    )
    assert lines == [("post", True, 1, True)]
    ordered = files.rows(
        "select payout_id, event_date from raw.payouts order by event_date, payout_id"
    )
    assert [key for key, _ in ordered] == sorted(key for key, _ in ordered)
    assert (
        out / "test_plans.csv"
    ).read_text() == "campaign_id,budget,plan_hash\n=T1,40000.00,abc\n"
    before = hashlib.sha256((out / "tracking_data.csv").read_bytes()).hexdigest()
    assert main([*command, "--out", str(out), "--truth", str(truth)]) == 0
    assert hashlib.sha256((out / "tracking_data.csv").read_bytes()).hexdigest() == before


def test_a_larger_budget_has_a_larger_team(folder: Path) -> None:
    settings = load_settings("default", 3, SIZE)
    sizes = []
    for budget in ("20000", "80000"):
        (folder / "test_plans.csv").write_text(PLANS.replace("40000.00", budget))
        world = simulate_world(settings, read_planned(folder, settings))
        theirs = world.posts.campaign == world.campaigns.scheduled
        sizes.append(len(set(world.posts.influencer[theirs])))
    assert 1 <= sizes[0] < sizes[1]


def changed(table: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / f"{table}.csv"
        text = file.read_text(encoding="utf-8-sig")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            changed("campaigns", "HKVitals", "HK"),
            "row 1: brand is 'HK', must be one of MuscleBlaze",
        ),
        (changed("campaigns", "2025-06-02", "soon"), "row 2: start_date is 'soon', must be a date"),
        (changed("campaigns", "2025-06-15", "2025-06-01"), "is before start_date 2025-06-02"),
        (changed("campaigns", "2025-05-05", "2024-12-31"), "world's first day 2025-01-01"),
        (changed("campaigns", ",14", ",60"), "ends on 2025-07-31, after the world's last day"),
        (changed("campaigns", ",14", ",60"), "give --days 212 or more"),
        (changed("campaigns", ",14", ",two"), "cooldown_days is 'two'"),
        (changed("campaigns", "T2", "'=T1"), "row 2: campaign_id '=T1' is that of another row"),
        (changed("campaigns", "T2", "CMP001"), "'CMP001' is a campaign of the world"),
        (changed("campaigns", "brand", "make"), "campaigns.csv has no column brand"),
        (changed("campaign_regions", "Delhi", "Atlantis"), "row 3: region 'Atlantis' is not one"),
        (changed("campaign_regions", "Punjab", "Delhi"), "row 4: region 'Delhi' is that of"),
        (changed("campaign_regions", "Punjab,control", "Punjab,none"), "role is 'none', must be"),
        (changed("campaign_regions", "treatment", "control"), "no treatment region of '=T1'"),
        (changed("campaign_regions", "'=T1,Delhi", "T3,Delhi"), "'T3' is not in campaigns.csv"),
        (changed("test_plans", "40000.00", "much"), "row 1: budget is 'much', must be a number"),
        (lambda folder: (folder / "campaigns.csv").unlink(), "No such file or directory; the page"),
    ],
)
def test_what_does_not_fit_is_one_line(
    change: Callable[[Path], None],
    words: str,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    change(folder)
    out = tmp_path / "out"
    command = ["--planned", str(folder), "--out", str(out), "--truth", str(tmp_path / "truth")]
    for name, value in SIZE.items():
        command += [f"--{name}", str(value)]
    with pytest.raises(SystemExit) as stop:
        main(command)
    shown = capsys.readouterr().err
    assert stop.value.code == 2
    assert words in shown
    assert shown.startswith("simulate: ") and shown.count("\n") == 1
    assert not out.exists()

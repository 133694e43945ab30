"""Warehouses for the viewer: a copy of the simulated one, and a tiny one counted by hand."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.python.support import PROJECT

APP = PROJECT / "viewer" / "app.py"

# Spend 400 in all: Asha 100 for A, Ravi 250 for B and 50 for no brand; Meena is not paid.
TINY_MARTS = """
create schema marts;
use marts;
create table dim_dates as
    select unnest(generate_series(date '2025-01-01', date '2025-01-31', interval 1 day))::date
        as date_day;
create table dim_brands as select unnest(['(none)', 'A', 'B']) as brand;
create table dim_campaigns (campaign_id varchar, campaign_name varchar, brand varchar);
insert into dim_campaigns values
    ('(none)', '(none)', '(none)'), ('c1', 'Summer', 'A'), ('c2', 'Summer', 'B'),
    ('c3', 'Winter', 'B');
create table dim_influencers (
    influencer_id varchar, influencer_name varchar, platform varchar, persona varchar
);
insert into dim_influencers values
    ('i1', 'Asha', 'YouTube', 'Macro-Fitness'),
    ('i2', '=HYPERLINK("http://x.example")', 'Instagram', 'Nano-Food'),
    ('i3', 'Meena *bold* <b>', 'Instagram', 'Nano-Food');
create table fct_influencer_days (
    date_day date, influencer_id varchar, campaign_id varchar, brand varchar, orders bigint,
    attributed_revenue decimal(18, 2), spend decimal(18, 2)
);
insert into fct_influencer_days values
    ('2025-01-01', 'i1', 'c1', 'A', 5, 500, 100),
    ('2025-01-02', 'i2', 'c3', 'B', 2, 150, 250),
    ('2025-01-02', 'i2', '(none)', '(none)', 0, 0, 50),
    ('2025-01-10', 'i3', 'c1', 'A', 1, 50, 0);
create table fct_revenue_days (
    date_day date, region varchar, brand varchar, channel varchar, revenue decimal(18, 2)
);
insert into fct_revenue_days values
    ('2025-01-01', '(none)', 'A', 'organic', 600),
    ('2025-01-02', '(none)', 'B', 'direct', 400),
    ('2025-01-01', '(none)', 'A', 'influencer', 500),
    ('2025-01-02', '(none)', 'B', 'influencer', 150),
    ('2025-01-10', '(none)', 'A', 'influencer', 50);
create table fct_payout_lines (
    payout_line_id varchar, influencer_id varchar, campaign_id varchar, event_date date,
    status varchar, amount decimal(18, 2)
);
insert into fct_payout_lines values
    ('p1', 'i1', 'c1', '2025-01-01', '+paid', 100.50),
    ('p2', 'i2', 'c3', null, '-due', -5),
    ('p3', 'i2', 'c3', '2025-01-09', '@accrued', 200),
    ('p4', 'i2', 'c3', '2025-01-09', chr(9) || 'x', 0),
    ('p5', 'i2', 'c3', '2025-01-09', chr(13) || 'x', 0),
    ('p6', 'i2', 'c3', '2025-01-09', 'a=b, "c"', 0);
create table rpt_influencer_performance (influencer_id varchar, roas double);
comment on column fct_influencer_days.spend is 'Rupees earned by the influencer.';
comment on column rpt_influencer_performance.roas is 'Revenue per rupee.';
comment on table fct_influencer_days is 'What each influencer did.';
"""


def publish_tiny(folder: Path) -> Path:
    """Publish the tiny marts in a folder, swapped in as a build does."""
    new, published = folder / "helios.duckdb.new", folder / "helios.duckdb"
    with duckdb.connect(str(new)) as connection:
        connection.execute(TINY_MARTS)
    os.replace(new, published)
    return published


def publish_copy(file: Path, folder: Path) -> Path:
    """Publish a copy of a file in a folder, swapped in as a build does."""
    new, published = folder / "helios.duckdb.new", folder / "helios.duckdb"
    shutil.copyfile(file, new)
    os.replace(new, published)
    return published


@pytest.fixture(scope="module")
def simulated_warehouse(
    published_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The viewer reads a copy of the simulated published file."""
    folder = tmp_path_factory.mktemp("simulated_warehouse")
    publish_copy(published_file, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELIOS_WAREHOUSE", str(folder))
        yield folder


@pytest.fixture
def empty_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The viewer looks into a folder in which nothing is published."""
    monkeypatch.setenv("HELIOS_WAREHOUSE", str(tmp_path))
    return tmp_path


@pytest.fixture
def tiny_warehouse(empty_warehouse: Path) -> Path:
    """The viewer reads the tiny published file."""
    publish_tiny(empty_warehouse)
    return empty_warehouse

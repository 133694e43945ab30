"""The published file changes when, and only when, a complete build has passed."""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.python.intake.exports import write
from tests.python.publish.small_project import run_project, write_project
from tests.python.support import (
    PROJECT,
    WITHOUT_UNIT_TESTS,
    Build,
    build_exports,
    marts_in_yaml,
    run_dbt,
    shown_columns,
)

pytestmark = pytest.mark.build

# A spelling that value_synonyms.csv has already, but for a space: a mistake that a user may make.
REPEATED_SPELLING = "platform,Instagram,I G\n"
# They change no figure.
ONLY_FOR_LINT = ("dialect",)
READS_NO_MODEL = (
    *("raw_files", "raw_headers", "raw_unreadable_rows"),
    *("calibration_truth_tables", "meta_columns", "meta_settings"),
)
INFLUENCERS = "influencer_id,name,platform\nA,Asha,Instagram\n"
HEADER = "transaction_id,source,influencer_id,date,orders,revenue\n"
DAYS = [f"2025-05-{day:02}" for day in range(1, 11)]


def orders(days: list[str]) -> str:
    return HEADER + "".join(f"{n},web,A,{day},1,100\n" for n, day in enumerate(days))


@pytest.fixture(scope="module")
def own_build(simulated_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A copy of the simulated build that this module may work on."""
    warehouse = tmp_path_factory.mktemp("publishing") / "warehouse"
    shutil.copytree(simulated_build.warehouse, warehouse)
    return Build(warehouse, simulated_build.raw, 0, simulated_build.output)


def again(build: Build, *arguments: str) -> Build:
    return run_dbt(*arguments, raw=build.raw, warehouse=build.warehouse)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The small project, built and published."""
    folder = tmp_path_factory.mktemp("small")
    raw = write(folder / "raw", influencers=INFLUENCERS, tracking_data=orders(DAYS))
    build = run_project(write_project(folder / "project"), "build", raw=raw)
    assert build.returncode == 0, build.output
    assert "Helios: published" in build.output
    return build


def small_again(build: Build, *arguments: str) -> Build:
    return run_project(build.warehouse.parent, *arguments, raw=build.raw)


def rows_of(build: Build, mart: str) -> list[tuple[Any, ...]]:
    """The rows of a mart, but for the time at which it was built."""
    return [row for row in build.query(f"select * from marts.{mart}") if row[0] != "built_at"]


def test_a_reader_does_not_block_a_build_nor_see_it(own_build: Build) -> None:
    """The same exports make the same marts, though a killed build left half a file behind."""
    marts = [name for (name,) in own_build.query("select table_name from duckdb_tables()")]
    before = {mart: rows_of(own_build, mart) for mart in marts}
    leftover = own_build.warehouse / "helios.duckdb.new"
    leftover.write_bytes(b"half a file")
    sql = "select count(*), sum(attributed_revenue) from marts.fct_influencer_days"
    with duckdb.connect(str(own_build.published_file), read_only=True) as reader:
        seen = reader.execute(sql).fetchall()
        inode = own_build.published_file.stat().st_ino
        build = build_exports("--full-refresh", raw=own_build.raw, warehouse=own_build.warehouse)
        assert build.returncode == 0, build.output
        assert "Helios: published" in build.output
        assert own_build.published_file.stat().st_ino != inode
        assert reader.execute(sql).fetchall() == seen
    for mart in marts:
        assert rows_of(own_build, mart) == before[mart], mart
    assert not list(own_build.warehouse.glob("helios.duckdb.*"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("compile",),
        ("docs", "generate"),
        ("test", *WITHOUT_UNIT_TESTS),
        ("run",),
        ("build", "--select", "stg_orders"),
        ("build", "--select", "marts", *WITHOUT_UNIT_TESTS),
        ("build", "--exclude", "meta_models", *WITHOUT_UNIT_TESTS),
        ("build", "--exclude", "test_type:data", *WITHOUT_UNIT_TESTS),
        ("build", "--resource-type", "model"),
        ("build", "--empty", *WITHOUT_UNIT_TESTS),
    ],
    ids=" ".join,
)
def test_nothing_partial_publishes(small: Build, arguments: tuple[str, ...]) -> None:
    """Unit tests may be left out, as they are here: what else is missing is what counts."""
    before = small.published_hash()
    inode = small.published_file.stat().st_ino
    build = small_again(small, *arguments)
    if "--empty" not in arguments:
        assert build.returncode == 0, build.output
    assert "Helios: published" not in build.output
    assert build.output.count("Helios: nothing was published") == 1
    assert small.published_hash() == before
    assert small.published_file.stat().st_ino == inode


def test_nothing_of_helios_itself_is_published_by_a_part_of_it(own_build: Build) -> None:
    before = own_build.published_hash()
    build = again(own_build, "build", "--select", "dim_dates", *WITHOUT_UNIT_TESTS)
    assert build.returncode == 0, build.output
    assert "nothing was published, since this build left models or tests out" in build.output
    assert own_build.published_hash() == before


def test_unit_tests_may_be_left_out(small: Build) -> None:
    """They look at no row of the exports; every test of the data has to pass all the same."""
    assert "unit_test" in small.output
    inode = small.published_file.stat().st_ino
    build = small_again(small, "build", "--exclude", "test_type:unit")
    assert build.returncode == 0, build.output
    assert "unit_test" not in build.output
    assert "Helios: published" in build.output
    assert small.published_file.stat().st_ino != inode


def test_a_failing_node_publishes_nothing(small: Build) -> None:
    before = small.published_hash()
    seed = small.warehouse.parent / "seeds/reference/value_synonyms.csv"
    good = seed.read_text(encoding="utf-8")
    seed.write_text(good + REPEATED_SPELLING, encoding="utf-8")
    build = small_again(small, "build")
    seed.write_text(good, encoding="utf-8")
    assert build.returncode == 1
    assert "Failure in test spelled_once_value_synonyms_spelling__field" in build.output
    assert "nothing was published, since not everything passed" in build.output
    assert small.published_hash() == before


def test_relative_folders_resolve_against_the_project(tmp_path: Path) -> None:
    """Called from another folder, dbt still sees the settings from the project's root."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("HELIOS_")
    } | {
        "HELIOS_RAW": os.path.relpath(tmp_path / "nowhere", PROJECT),
        "HELIOS_WAREHOUSE": os.path.relpath(tmp_path / "warehouse", PROJECT),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }
    dbt = Path(sys.executable).with_name("dbt")
    finished = subprocess.run(
        [dbt, "build", "--project-dir", PROJECT, "--profiles-dir", PROJECT],
        cwd=tmp_path,
        env=environment,
        text=True,
        capture_output=True,
    )
    assert f"in the folder {PROJECT}/{environment['HELIOS_RAW']}" in finished.stdout
    assert (tmp_path / "warehouse" / "build.duckdb").exists()


def test_the_file_describes_itself(published_file: Path) -> None:
    with duckdb.connect(str(published_file), read_only=True) as connection:
        undocumented = connection.execute(
            "select table_name from duckdb_tables() where comment is null"
        ).fetchall()
        undocumented += connection.execute(
            """
            select table_name || '.' || column_name from duckdb_columns()
            where schema_name = 'marts' and comment is null
            """
        ).fetchall()
        keyless = connection.execute(
            "select table_name from duckdb_tables() where not has_primary_key"
        ).fetchall()
        foreign_keys = connection.execute(
            """
            select table_name, constraint_text from duckdb_constraints()
            where constraint_type = 'FOREIGN KEY'
            """
        ).fetchall()
        schemas = connection.execute("select distinct schema_name from duckdb_tables()").fetchall()
    assert undocumented == []
    assert keyless == []
    assert schemas == [("marts",)]
    assert (
        "fct_influencer_days",
        "FOREIGN KEY (campaign_id) REFERENCES marts.dim_campaigns(campaign_id)",
    ) in foreign_keys


def test_meta_models_tell_how_everything_is_computed(simulated_build: Build) -> None:
    models = {
        model: figures
        for model, *figures in simulated_build.query(
            "select model, description, compiled_sql, parents, rows from marts.meta_models"
        )
    }
    python_files = {path.stem for path in (PROJECT / "models").rglob("*.py")}
    model_files = {path.stem for path in (PROJECT / "models").rglob("*.sql")} | python_files
    seeds = {path.stem for path in (PROJECT / "seeds/reference").glob("*.csv")}
    raw_tables = {
        *(
            "raw.influencer_keys",
            "raw.influencers",
            "raw.posts",
            "raw.tracking_data",
            "raw.payouts",
        ),
        *("raw.campaigns", "raw.campaign_regions", "raw.test_plans"),
        *("raw.regions", "raw.products"),
        *("raw.geo_experiments", "raw.geo_assignments", "raw.geo_panel"),
    }
    assert set(models) == model_files | seeds | raw_tables
    for model in model_files:
        description, compiled_sql, parents, _ = models[model]
        assert "Grain: one row per" in description, model
        assert ("def model(" if model in python_files else "select") in compiled_sql, model
        assert parents or model in READS_NO_MODEL, model
        # The file may travel to other machines: no folder of this one is in it.
        assert str(simulated_build.raw) not in compiled_sql, model
    [(days,)] = simulated_build.query("select count(*) from marts.fct_influencer_days")
    assert models["fct_influencer_days"][3] == days


def in_yaml(settings: dict[str, str]) -> dict[str, Any]:
    """Settings as the command line has them: numbers and truth values are no text."""
    return {name: yaml.safe_load(value) for name, value in settings.items()}


def settings_of(database: Path) -> dict[str, str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return dict(connection.execute("select setting, value from marts.meta_settings").fetchall())


def test_settings_are_those_of_the_project(published_file: Path) -> None:
    """All of them: a variable that is new is in force, and so has to be shown."""
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    settings = settings_of(published_file)
    built_at = datetime.strptime(settings.pop("built_at"), "%Y-%m-%dT%H:%M:%SZ")
    published_at = datetime.fromtimestamp(published_file.stat().st_mtime, UTC)
    assert timedelta() <= published_at - built_at.replace(tzinfo=UTC) < timedelta(hours=1)
    words = {None: "none", True: "true", False: "false"}
    assert settings == {
        name: words[value] if value is None or isinstance(value, bool) else str(value)
        for name, value in project["vars"].items()
        if name not in ONLY_FOR_LINT
    } | {"exports_id": "", "helios_version": project["version"]}


def test_columns_are_shown_as_the_yaml_declares(published_file: Path) -> None:
    with duckdb.connect(str(published_file), read_only=True) as connection:
        rows = connection.execute("select * from marts.meta_columns").fetchall()
        names = [name for name, *_ in connection.description or ()]
        comments = {
            (mart, column): comment
            for mart, column, comment in connection.execute(
                "select table_name, column_name, comment from duckdb_columns()"
                " where schema_name = 'marts'"
            ).fetchall()
        }
    published = {row[:2]: dict(zip(names, row, strict=True)) for row in rows}
    described = {place: row.pop("description") for place, row in published.items()}
    assert described == comments
    assert published == {(row["mart"], row["column_name"]): row for row in shown_columns()}


def test_labels_are_words_of_the_field() -> None:
    """A label that is made of the name would not write an abbreviation as the field does."""
    abbreviations = "aov|ci|cpe|cpm|cpo|df|id|is|n|ncac|roas|se|sql|url"
    labels = {row["label"] for row in shown_columns()}
    assert len(labels) > 100
    made_of_names = [
        label
        for label in labels
        if re.search(rf"_|^(?:{abbreviations}|iroas)\b|\b(?:{abbreviations})$", label.lower())
    ]
    assert set(made_of_names) == {"ROAS", "SQL"} | {
        label for label in labels if label.startswith("iROAS, ") or label.endswith((" ID", " ROAS"))
    }


def test_figures_without_an_exact_type_say_what_they_are() -> None:
    silent = [
        (row["mart"], row["column_name"])
        for row in shown_columns()
        if row["unit"] == "number" and "number" not in units_of_name(row["column_name"])
    ]
    assert silent == []


def units_of_name(name: str) -> set[str]:
    """Units that columns of this name declare."""
    return {
        columns[name].get("config", {}).get("meta", {}).get("unit", "")
        for columns in marts_in_yaml().values()
        if name in columns
    }


def test_a_column_is_called_alike_in_all_marts() -> None:
    """Unless each mart that has it says what it is called there, so that no mart is overlooked.

    A label that is only of one mart says so.
    """
    declared: dict[str, list[dict[str, str]]] = {}
    for columns in marts_in_yaml().values():
        for name, column in columns.items():
            meta = column.get("config", {}).get("meta", {})
            keys = ["label", "unit", "number_format", "direction"]
            if meta.get("is_own_label"):
                keys.remove("label")
            declared.setdefault(name, []).append({key: meta[key] for key in keys if key in meta})
    for name, of_marts in declared.items():
        different = {tuple(meta.items()) for meta in of_marts if meta}
        assert len(different) < 2 or all(of_marts), name


def test_settings_of_the_command_line_are_in_force(own_build: Build) -> None:
    changed = {
        **{"attribution_window_days": "14", "break_even": "margin", "ci_level": "0.8"},
        **{"currency": "USD", "fiscal_year_start_month": "1", "return_window_days": "45"},
        **{"dates_day_first": "false", "max_revenue_drop": "1", "min_accepted_share": "0.25"},
        **{"stale_after_days": "3", "time_zone": "Asia/Dubai", "payout_tolerance": "0.5"},
        **{"pretest_days": "28", "pretest_reach_days": "56", "gbr_weight_power": "1"},
        **{"trim_rate": "0.1", "max_trim_rate": "0.2", "sc_demeaned": "false"},
        **{"repeated_payout_days": "0", "min_cost_known_share": "0.5"},
        **{"max_other_period_share": "0.75"},
        "none_member": "nobody's",
    }
    build = again(
        own_build, "build", "--select", "meta_settings", "--vars", yaml.safe_dump(in_yaml(changed))
    )
    assert build.returncode == 0, build.output
    settings = settings_of(own_build.warehouse / "build.duckdb")
    assert {name: settings[name] for name in changed} == changed
    assert settings.keys() - changed == {"built_at", "exports_id", "helios_version"}


@pytest.mark.parametrize(
    ("variables", "problems"),
    [
        (
            "{currency: inr, stale_after_days: 0}",
            "The variable currency is an ISO 4217 code of three capital letters, such as INR; it is"
            " set to inr. The variable stale_after_days is a whole number of days, at least 1; it"
            " is set to 0. Correct it in dbt_project.yml, --vars or the environment",
        ),
        (
            "{currency: EURO}",
            "The variable currency is an ISO 4217 code of three capital letters, such as INR; it is"
            " set to EURO. Correct it in dbt_project.yml, --vars or the environment",
        ),
        (
            "{stale_after_days: soon}",
            "The variable stale_after_days is a whole number of days, at least 1; it is set to"
            " soon. Correct it in dbt_project.yml, --vars or the environment",
        ),
        (
            "{payout_tolerance: -1}",
            "The variable payout_tolerance is an amount of money, at least 0; it is set to -1."
            " Correct it in dbt_project.yml, --vars or the environment",
        ),
        (
            "{repeated_payout_days: 2.5}",
            "The variable repeated_payout_days is a whole number of days, at least 0; it is set to"
            " 2.5. Correct it in dbt_project.yml, --vars or the environment",
        ),
        (
            "{min_accepted_share: 2, time_zone: IST}",
            "The variable min_accepted_share is a share from 0 to 1; it is set to 2. The variable"
            " time_zone is an IANA name such as Asia/Kolkata; it is set to IST. Correct it in"
            " dbt_project.yml, --vars or the environment",
        ),
    ],
)
def test_a_setting_that_nobody_can_use_stops_the_build(
    own_build: Build, variables: str, problems: str
) -> None:
    before = own_build.published_hash()
    build = again(own_build, "build", "--vars", variables)
    assert build.returncode != 0
    assert [line.strip() for line in build.output.splitlines()].count(problems) == 1
    assert "Traceback" not in build.output
    assert "OK created" not in build.output
    assert own_build.published_hash() == before


def test_memory_that_is_no_size_stops_the_build(
    own_build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = own_build.published_hash()
    monkeypatch.setenv("HELIOS_MEMORY", "2 gigs")
    build = again(own_build, "build")
    assert build.returncode != 0
    said = " ".join(build.output.split())
    assert "HELIOS_MEMORY is a size such as 4GB; it is set to 2 gigs. Correct it in" in said
    assert "Traceback" not in build.output
    assert own_build.published_hash() == before


def test_too_little_is_not_published(small: Build, tmp_path: Path) -> None:
    """Rows that are mostly rejected, or revenue that falls a lot, leave the good file in place."""
    raw, project = tmp_path / "raw", small.warehouse.parent
    write(raw, influencers=INFLUENCERS, tracking_data=orders(DAYS))
    build = run_project(project, "build", *WITHOUT_UNIT_TESTS, raw=raw)
    assert "Helios: published" in build.output
    before = build.published_hash()

    write(raw, tracking_data=orders([*["sometime in May"] * 6, *["2025-05-01"] * 4]))
    build = run_project(project, "build", *WITHOUT_UNIT_TESTS, raw=raw)
    said = " ".join(build.output.split())
    assert "nothing was published, since of 10 rows of tracking_data only 4 were accepted" in said
    assert "min_accepted_share: 0.5. If that is right, build with --vars" in said
    assert "and revenue falls from 1000.00 in the published file to 400.00" in said
    assert build.published_hash() == before

    anyway = ("--vars", "{min_accepted_share: 0, max_revenue_drop: 1}")
    build = run_project(project, "build", *WITHOUT_UNIT_TESTS, *anyway, raw=raw)
    assert "Helios: published" in build.output
    assert build.query("select sum(revenue) from marts.fct_revenue_days") == [(400,)]


def test_files_that_change_meanwhile_are_not_published(tmp_path: Path) -> None:
    raw = write(tmp_path / "raw", influencers=INFLUENCERS, tracking_data=orders(["2025-05-01"]))
    project = write_project(tmp_path / "project")
    # A test of the data runs long after the files were looked at: this one writes to one of them.
    meddler = project / "tests/data/assert_nobody_writes_meanwhile.sql"
    meddler.write_text(
        "-- depends_on: {{ ref('meta_models') }}\n"
        "{% if execute %}{% do run_query(\"copy (select 1) to '"
        + str(raw / "tracking_data.csv")
        + "'\") %}{% endif %}\nselect 1 where false\n",
        encoding="utf-8",
    )
    build = run_project(project, "build", *WITHOUT_UNIT_TESTS, raw=raw)
    said = " ".join(build.output.split())
    assert "nothing was published, since tracking_data.csv has changed since this build" in said
    assert not build.published_file.exists()

"""What the published file says of itself: marts, columns, models, settings."""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from viewer.published import Identity, cursor, published_identity, read

NONE_MEMBER = "(none)"
# Layers from what is published back to what was read.
LAYERS = (
    *("marts", "calibration", "incrementality", "baseline", "panel", "core", "staging", "intake"),
    *("reference", "raw"),
)


class Settings(NamedTuple):
    """How the figures of the published file are to be read.

    Attributes:
        ci_level: Level of the two-sided intervals.
        currency: ISO 4217 code of all money.
        fiscal_year_start_month: Month in which the fiscal year starts: 4 is April.
        stale_after_days: Days without new data after which the data are stale.
        pretest_days: Days before a campaign that its forecast is learned from.
        published_at: When the build made the file, in the time zone of this computer; a copy or a
            restored file has that of the build too.
        is_simulated: Whether the truth is known.
    """

    ci_level: float
    currency: str
    fiscal_year_start_month: int
    stale_after_days: int
    pretest_days: int
    published_at: datetime
    is_simulated: bool


def settings() -> Settings:
    """How the figures are to be read."""
    return _settings(published_identity())


def mart_descriptions() -> dict[str, str]:
    """What each published mart holds, by name; facts first, of them what influencers did."""
    return _mart_descriptions(published_identity())


def mart_columns(mart: str) -> dict[str, str]:
    """Types of a mart's columns, by name, in their order."""
    return _mart_columns(published_identity()).get(mart, {})


class Model(NamedTuple):
    """What is known of a model, a table of reference or a raw table.

    Attributes:
        layer: Where it belongs, from raw to marts.
        description: What it holds.
        formulas: Formula by column, of those that are computed by one.
        parents: What it reads.
        rows: How many it has; None where they were not counted.
    """

    layer: str
    description: str
    formulas: dict[str, str]
    parents: tuple[str, ...]
    rows: int | None


def models() -> dict[str, Model]:
    """Everything that the published file was built from, by name; marts first, raw tables last."""
    return _models(published_identity())


def compiled_sql(model: str) -> str | None:
    """The SQL that a model ran in the build; None for what has none."""
    rows = read("select compiled_sql from meta_models where model = $model", {"model": model})
    return str(rows["compiled_sql"][0]) if rows["compiled_sql"].notna().any() else None


def settings_in_force() -> pd.DataFrame:
    """setting, value and description of every setting that the figures were built with."""
    return read("select setting, value, description from meta_settings order by setting")


class Reason(NamedTuple):
    """A reason that a mart gives with a code.

    Attributes:
        severity: error, review, info or pass.
        sentence: The reason in words, with placeholders such as {break_even}.
        remedy: What to do about it.
    """

    severity: str
    sentence: str
    remedy: str


def reasons() -> dict[str, Reason]:
    """Every reason, by its code."""
    return _reasons(published_identity())


def quoted(name: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


@lru_cache(maxsize=2)
def _settings(identity: Identity) -> Settings:
    rows = read("select setting, value from meta_settings")
    values = dict(zip(rows["setting"], rows["value"], strict=True))
    simulated = read("select exists (from fct_experiment_truth) as is_simulated")
    return Settings(
        ci_level=float(values["ci_level"]),
        currency=values["currency"],
        fiscal_year_start_month=int(values["fiscal_year_start_month"]),
        stale_after_days=int(values["stale_after_days"]),
        pretest_days=int(values["pretest_days"]),
        published_at=datetime.fromisoformat(values["built_at"]).astimezone(),
        is_simulated=bool(simulated["is_simulated"][0]),
    )


@lru_cache(maxsize=2)
def _reasons(identity: Identity) -> dict[str, Reason]:
    rows = read("select reason_code, severity, sentence, remedy from dim_reasons")
    return {code: Reason(*texts) for code, *texts in rows.itertuples(index=False)}


@lru_cache(maxsize=2)
def _models(identity: Identity) -> dict[str, Model]:
    with cursor() as connection:
        rows = connection.execute(
            """
            select model, layer, description, formula, parents, rows
            from meta_models
            order by list_position($layers, layer) nulls last, model
            """,
            {"layers": list(LAYERS)},
        ).fetchall()
    return {
        model: Model(layer or "", description or "", _formulas(formula), _listed(parents), count)
        for model, layer, description, formula, parents, count in rows
    }


def _formulas(lines: str | None) -> dict[str, str]:
    """Formula by column, of lines such as `roas = sum(attributed_revenue) / sum(spend)`."""
    pairs = [line.split("=", 1) for line in (lines or "").splitlines() if "=" in line]
    return {column.strip(): formula.strip() for column, formula in pairs}


def _listed(names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (names or "").split(",") if name.strip())


@lru_cache(maxsize=2)
def _mart_descriptions(identity: Identity) -> dict[str, str]:
    rows = read(
        """
        select table_name, coalesce(comment, '') as description
        from duckdb_tables()
        where database_name = 'published' and schema_name = 'marts'
        order by
            table_name <> 'fct_influencer_days',
            list_position(['fct', 'rpt', 'dim'], split_part(table_name, '_', 1)),
            table_name
        """
    )
    return dict(zip(rows["table_name"], rows["description"], strict=True))


@lru_cache(maxsize=2)
def _mart_columns(identity: Identity) -> dict[str, dict[str, str]]:
    rows = read(
        """
        select table_name, column_name, data_type
        from duckdb_columns()
        where database_name = 'published' and schema_name = 'marts'
        order by table_name, column_index
        """
    )
    return {
        str(mart): dict(zip(columns["column_name"], columns["data_type"], strict=True))
        for mart, columns in rows.groupby("table_name")
    }

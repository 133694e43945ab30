"""Checks that staging, core and panel are written in the SQL that DuckDB and Spark share.

Run as `python -m tests.lint.shared_dialect`. The project is compiled with the dbt variable
`dialect` set to spark, which picks Spark's side of the dispatched macros. Each model left of the
panel, the panel included, must then parse as Spark SQL and use no function but those that both
engines have under one name and with one meaning.
"""

import os
import re
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import sqlglot
from sqlglot import Token, TokenType
from sqlglot.errors import ParseError

PROJECT = Path(__file__).parents[2]
LAYERS = ("staging", "core", "panel")

# In both engines, with one meaning. Not here, for instance: strftime, list functions.
SHARED_FUNCTIONS = {
    *("abs", "floor", "greatest", "least", "nullif", "round"),
    *("avg", "count", "first_value", "lead", "max", "min", "row_number", "sum"),
    *("cast", "coalesce", "date_trunc", "last_day", "try_cast"),
    *("bit_length", "concat_ws", "left", "length", "lower", "md5", "regexp_replace", "replace"),
    *("right", "split_part", "substring", "translate", "trim", "upper"),
    # Skips null in DuckDB and not in Spark: only for arguments that cannot be null.
    "concat",
}
# Spark's side of the dispatched macros.
SPARK_FUNCTIONS = {
    *("date_add", "explode", "from_utc_timestamp", "make_dt_interval", "sequence", "split"),
    *("to_utc_timestamp", "try_to_timestamp", "try_url_decode"),
}
# Words that stand before a bracket and are no functions.
KEYWORDS = {
    *("and", "as", "by", "decimal", "else", "filter", "from", "in", "not", "on", "or", "over"),
    *("partition", "select", "then", "values", "when"),
}
# What only one engine has, or the two write differently, and what parses all the same.
FOREIGN_WORDS = {"asof", "exclude", "pivot", "rename", "unpivot"}

QUOTED_RELATION = re.compile(r'"(\w+)"\."(\w+)"\."(\w+)"')


def compile_for_spark(folder: Path) -> Path:
    """Compile the project into `folder` and return the folder of the compiled models.

    Raises:
        SystemExit: If dbt cannot compile; its output is printed.
    """
    (folder / "raw").mkdir()
    environment = os.environ | {
        "HELIOS_WAREHOUSE": str(folder / "warehouse"),
        "HELIOS_RAW": str(folder / "raw"),
    }
    dbt = Path(sys.executable).with_name("dbt")
    command: list[str | Path] = [
        dbt,
        "compile",
        "--quiet",
        "--vars",
        "{dialect: spark}",
        "--target-path",
        folder,
    ]
    finished = subprocess.run(command, cwd=PROJECT, env=environment, text=True, capture_output=True)
    if finished.returncode:
        sys.exit(finished.stdout + finished.stderr)
    return folder / "compiled" / "helios" / "models"


def functions_of(tokens: list[Token]) -> set[str]:
    """The names that stand directly before an opening bracket."""
    called = {
        name.text.lower()
        for name, bracket in pairwise(tokens)
        if bracket.token_type == TokenType.L_PAREN and re.fullmatch(r"[A-Za-z_]\w*", name.text)
    }
    named_subqueries = {
        name.text.lower() for name, keyword in pairwise(tokens) if keyword.text.lower() == "as"
    }
    return called - KEYWORDS - named_subqueries


def complaints_about(sql: str) -> list[str]:
    """What keeps a query from running on both engines; empty if nothing does."""
    spark_sql = QUOTED_RELATION.sub(r"\1.\2.\3", sql)
    try:
        sqlglot.parse_one(spark_sql, read="spark")
    except ParseError as error:
        return [f"does not parse as Spark SQL: {str(error).splitlines()[0]}"]
    complaints = []
    tokens = sqlglot.tokenize(spark_sql, read="spark")
    foreign = functions_of(tokens) - SHARED_FUNCTIONS - SPARK_FUNCTIONS
    foreign |= {token.text.lower() for token in tokens} & FOREIGN_WORDS
    if foreign:
        complaints.append(f"uses what is not shared: {', '.join(sorted(foreign))}")
    if "::" in spark_sql:
        complaints.append("casts with ::, which only DuckDB does")
    if re.search(r",\s*(from|where|group)\b", spark_sql):
        complaints.append("has a comma after the last column")
    return complaints


def main() -> int:
    """Check every model of the layers; print what is wrong and return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        models = compile_for_spark(Path(name))
        paths = sorted(path for layer in LAYERS for path in (models / layer).glob("*.sql"))
        failures = [
            f"models/{path.relative_to(models)} {complaint}"
            for path in paths
            for complaint in complaints_about(path.read_text(encoding="utf-8"))
        ]
    print("\n".join([*failures, f"{len(paths)} models checked, {len(failures)} complaints"]))
    return 1 if failures or not paths else 0


if __name__ == "__main__":
    sys.exit(main())

"""Docs that cannot rot: links, commands, settings and columns are compared with the project."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.python.support import PROJECT, marts_in_yaml, shown_columns

PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
README = (PROJECT / "README.md").read_text(encoding="utf-8")
EXPORTS = (PROJECT / "docs" / "exports.md").read_text(encoding="utf-8")


def code_blocks(page: str) -> list[str]:
    blocks = re.findall(r"```\n(.*?)```", page, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_links_resolve(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    missing = [
        link for link in links if not link.startswith("http") and not (page.parent / link).exists()
    ]
    assert missing == []


def test_readme_is_short() -> None:
    assert len(README.splitlines()) < 150


def test_make_targets_in_the_docs_exist() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(
            r"(?:`|\n|HELIOS_\S+ )make (\w+)", page.read_text(encoding="utf-8")
        )
    }
    assert {"run", "test", "build"} <= named <= targets


def test_project_dbt_and_changelog_have_one_version() -> None:
    python = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    dbt = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.match(r"[0-9]+\.[0-9]+\.[0-9]+$", dbt["version"])
    assert python["project"]["version"] == dbt["version"]
    assert re.findall(r"^## \[([0-9.]+)\]", changelog, re.MULTILINE)[0] == dbt["version"]


def test_make_targets_of_the_page_for_contributors_exist_and_are_all_there() -> None:
    """Whoever comes new finds every way to test in one table."""
    page = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `make (\w+)` \|", page, re.MULTILINE))
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    tests = re.findall(
        r"^(\w+): [^\n]*\n(?:\t[^\n]*\n)*?\t[^\n]*\$\(TESTS\)", makefile, re.MULTILINE
    )
    assert rows == set(tests)


def test_paths_in_the_page_for_contributors_exist() -> None:
    page = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:\w+/)+[\w.]+)`", page)
    assert len(paths) > 8
    assert [path for path in paths if not (PROJECT / path).exists()] == []


def test_plain_commands_are_those_behind_make() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8").replace("$(BIN)/", "")
    plain = [line for line in code_blocks(README) if not line.startswith("make")]
    assert len(plain) == 3
    for command in plain:
        assert command in makefile


def test_settings_are_documented() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("macros", "models", "viewer", "simulate", "profiles.yml", "Makefile")
        for path in [PROJECT / folder, *(PROJECT / folder).rglob("*")]
        if path.is_file() and path.suffix in ("", ".sql", ".py", ".yml")
    ]
    used = {name for text in sources for name in re.findall(r"\bHELIOS_[A-Z]+\b", text)}
    documented = set(re.findall(r"^\| `(HELIOS_[A-Z]+)`", README, re.MULTILINE))
    assert used == documented

    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    rows = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|", README, re.MULTILINE)
    defaults = {name: default.strip() for name, default in rows}
    for name, value in project["vars"].items():
        shown = value if isinstance(value, str) else str(value).lower()
        assert defaults[name] == shown, name


def test_every_published_table_is_documented() -> None:
    page = (PROJECT / "docs" / "connect-bi.md").read_text(encoding="utf-8")
    table = "".join(line for line in page.splitlines() if line.startswith("| `"))
    marts = {mart for mart in marts_in_yaml() if not mart.startswith("dim_")}
    assert {mart for mart in marts if f"`{mart}`" not in table} == set()
    documented = set(re.findall(r"`((?:fct|rpt|meta|dim)_\w+)`", page))
    assert documented <= marts_in_yaml().keys()


def test_every_unit_is_documented_with_its_format() -> None:
    page = (PROJECT / "docs" / "connect-bi.md").read_text(encoding="utf-8")
    section = page.split("| unit |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| (`.+?) \|.*\| (.*?) ?\|$", section, re.MULTILINE)
    documented = {
        unit: number_format.strip("`") or None
        for units, number_format in rows
        for unit in re.findall(r"`(\w+)`", units)
    }
    of_units = {row["unit"]: row["number_format"] for row in shown_columns()}
    assert documented == of_units


def test_every_raw_column_is_documented() -> None:
    path = PROJECT / "models" / "intake" / "_intake__sources.yml"
    [source] = yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
    for raw_table in source["tables"]:
        section = EXPORTS.split(f"### {raw_table['name']}\n")[1].split("\n### ")[0]
        for column in raw_table["columns"]:
            required = column.get("config", {}).get("meta", {}).get("required", False)
            row = f"| `{column['name']}` | {'yes' if required else ''} | {column['description']} |"
            assert row in section
        assert section.count("\n| `") == len(raw_table["columns"])


def test_synonyms_name_columns_that_exist() -> None:
    path = PROJECT / "models" / "intake" / "_intake__sources.yml"
    [source] = yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
    declared = {(t["name"], c["name"]) for t in source["tables"] for c in t["columns"]}
    lines = (PROJECT / "seeds/reference/column_synonyms.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in lines.splitlines()[1:]]
    assert {(raw_table, column) for raw_table, column, _ in rows} <= declared
    # A spelling means one column of its table, and is none of the other columns' names.
    spellings = [(t, s.replace("_", "")) for t, _, s in rows]
    spellings += [(t, c.replace("_", "")) for t, c in declared]
    assert len(spellings) == len(set(spellings))


def test_macros_and_their_arguments_are_documented() -> None:
    declared = yaml.safe_load((PROJECT / "macros" / "_macros.yml").read_text(encoding="utf-8"))
    documented = {macro["name"]: macro for macro in declared["macros"]}
    written = {}
    for path in (PROJECT / "macros").rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        for name, adapter in re.findall(r'\{% materialization (\w+), adapter="(\w+)"', text):
            written[f"materialization_{name}_{adapter}"] = [""]
        found = re.findall(r"\{%-? ?macro (\w+)\(([^)]*)\)", text)
        for name, arguments in found:
            if not name.startswith(("default__", "duckdb__")):
                written[name] = [part.split("=")[0].strip() for part in arguments.split(",")]
    tests = {name for name in documented if name.startswith("test_")}
    assert documented.keys() - tests == written.keys()
    for name, arguments in written.items():
        described = documented[name].get("arguments", [])
        # dbt's own arguments of a macro that it calls need no description.
        if name != "generate_schema_name":
            assert [argument["name"] for argument in described] == list(filter(None, arguments))
        assert all(argument.keys() == {"name", "type", "description"} for argument in described)

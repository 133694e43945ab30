"""Files to start from: one for each table, with nothing but the headers, and a page of examples.

The examples stand beside the folder, not in it, so that they cannot be taken for data.
"""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from intake.contract import CONTRACT_FILE, load_contract

EXAMPLES = "-examples.md"
# One row a table, of a programme that does not exist.
EXAMPLE_ROWS: Mapping[str, Mapping[str, str]] = {
    "influencers": {
        "influencer_id": "INF-001",
        "name": "Asha Rao",
        "platform": "Instagram",
        "category": "Fitness",
        "gender": "female",
        "follower_count": "52400",
        "language": "Hindi",
        "home_region": "Maharashtra",
        "handle": "@asha.fit",
        "coupon_codes": "ASHA10",
        "joined_date": "2025-01-15",
    },
    "influencer_keys": {
        "influencer_id": "INF-001",
        "kind": "coupon_code",
        "key": "ASHA20",
        "valid_from": "2025-04-01",
        "valid_to": "2025-06-30",
    },
    "tracking_data": {
        "transaction_id": "1001",
        "source": "instagram",
        "medium": "influencer",
        "campaign": "SUMMER",
        "influencer_id": "INF-001",
        "user_id": "C-77",
        "product": "Whey 1 kg",
        "brand": "Strong",
        "date": "2025-04-30",
        "orders": "1",
        "revenue": "1799.00",
        "region": "Maharashtra",
        "coupon_code": "ASHA10",
        "discount": "200.00",
        "status": "delivered",
        "is_new_customer": "yes",
    },
    "posts": {
        "post_id": "P-1",
        "influencer_id": "INF-001",
        "platform": "Instagram",
        "date": "2025-04-28",
        "url": "https://www.instagram.com/p/example/",
        "caption": "My morning shake",
        "reach": "21000",
        "impressions": "30500",
        "likes": "1900",
        "comments": "85",
        "shares": "40",
        "saves": "120",
        "clicks": "310",
        "post_type": "reel",
        "campaign": "SUMMER",
        "brand": "Strong",
    },
    "payouts": {
        "payout_id": "PAY-1",
        "influencer_id": "INF-001",
        "campaign": "SUMMER",
        "basis": "post",
        "rate": "15000",
        "rate_unit": "per post",
        "posts": "1",
        "total_payout": "15000.00",
        "event_date": "2025-04-28",
        "due_date": "2025-05-15",
        "paid_date": "2025-05-12",
        "status": "paid",
    },
    "campaigns": {
        "campaign_id": "SUMMER",
        "name": "Summer 2025",
        "brand": "Strong",
        "start_date": "2025-04-15",
        "end_date": "2025-05-31",
        "cooldown_days": "7",
    },
    "campaign_regions": {
        "campaign_id": "SUMMER",
        "region": "Maharashtra",
        "role": "treatment",
        "pair": "1",
    },
    "test_plans": {
        "campaign_id": "SUMMER",
        "brand": "Strong",
        "start_date": "2025-04-15",
        "end_date": "2025-05-31",
        "stop_date": "2025-06-07",
        "treated_regions": "Goa; Maharashtra",
        "control_regions": "Gujarat; Kerala",
        "method": "joint_panel",
        "break_even_roas": "2.5",
        "budget": "500000.00",
        "revenue_se": "240000.00",
        "minimum_detectable_revenue": "600000.00",
        "prob_found_profitable": "0.41",
        "prob_found_unprofitable": "0.12",
        "data_until": "2025-04-08",
        "plan_hash": "4a637cb2a3209a1eda78eaf5f7716dfe72722e124585997249ff7aef6cb93685",
    },
    "regions": {"region": "Maharashtra", "population": "124900000", "language": "Marathi"},
    "products": {
        "product": "Whey 1 kg",
        "brand": "Strong",
        "list_price": "1999.00",
        "unit_cost": "820.00",
    },
    "geo_experiments": {
        "experiment_id": "GEO-1",
        "pretest_start": "2025-01-01",
        "pretest_end": "2025-03-31",
        "test_start": "2025-04-01",
        "test_end": "2025-04-28",
        "cooldown_end": "2025-05-05",
        "name": "Spring test",
        "brand": "Strong",
    },
    "geo_assignments": {
        "experiment_id": "GEO-1",
        "geo": "Pune",
        "assignment": "treatment",
        "pair": "1",
    },
    "geo_panel": {
        "experiment_id": "GEO-1",
        "geo": "Pune",
        "date": "2025-04-01",
        "response": "184500.00",
        "cost": "12000.00",
    },
}


class TemplateError(Exception):
    """Templates that cannot be written; its message is one line with a remedy."""


def write_templates(folder: Path, project: Path) -> list[Path]:
    """Write a file for each table with its headers, and a page of examples beside the folder.

    Args:
        folder: For the files; it is made if it is not there.
        project: Folder of the project, with the contract.

    Returns:
        The files written, the page of examples last.

    Raises:
        TemplateError: If one of the files is there already; nothing is written then.
    """
    folder = folder.resolve()
    tables = load_contract(project).tables
    contents = {
        folder / f"{name}.csv": _csv_line(list(table.columns)) for name, table in tables.items()
    }
    contents[folder.with_name(f"{folder.name}{EXAMPLES}")] = examples(project)
    there = [path.name for path in contents if path.exists()]
    if there:
        others = f", with {len(there) - 1} others," if len(there) > 1 else ""
        raise TemplateError(
            f"{there[0]}{others} is there already, and is not written over. Name another folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in contents.items():
        path.write_text(text, encoding="utf-8", newline="")
    return list(contents)


def examples(project: Path) -> str:
    """The page of examples: what each column means, with a row of each table.

    Args:
        project: Folder of the project, with the contract.

    Returns:
        Markdown.
    """
    declared = yaml.safe_load((project / CONTRACT_FILE).read_text(encoding="utf-8"))
    [raw] = [source for source in declared["sources"] if source["name"] == "raw"]
    sections = [_section(table) for table in raw["tables"]]
    return "\n".join((_INTRODUCTION, *sections))


_INTRODUCTION = """# Examples

One row of each table. Fill the files that you have data for and delete the others; columns that are
not required may be left out. Needed are `influencers` and `tracking_data`, or the three `geo_…`
tables. `python -m intake check FOLDER` shows what Helios makes of them.
"""


def _section(table: Mapping[str, Any]) -> str:
    row = EXAMPLE_ROWS[table["name"]]
    lines = [f"## {table['name']}.csv", "", table["description"].strip(), ""]
    lines += ["| column | required | example | meaning |", "|---|---|---|---|"]
    for column in table["columns"]:
        meta = column.get("config", {}).get("meta", {})
        required = "yes" if meta.get("required") else ""
        example = row.get(column["name"], "")
        lines.append(f"| `{column['name']}` | {required} | {example} | {column['description']} |")
    return "\n".join((*lines, ""))


def _csv_line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()

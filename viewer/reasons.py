"""Reasons by their codes: in words, and what to do about them, as the published file says."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from viewer import data
from viewer.format import day, ratio

# What sentences of verdicts name, and how it is written.
CAMPAIGN_LISTS = ("overlapping_campaigns", "spoiling_campaigns")
# What a break-even is made of, in words.
BASES = {"margin": "by margin", "revenue": "by revenue", "setting": "as set"}


def in_words(code: str, arguments: Mapping[str, str]) -> str:
    """A reason as a sentence, in plain text; its code where the file has no sentence for it.

    Args:
        code: The reason.
        arguments: What the placeholders of its sentence stand for.
    """
    known = data.reasons().get(code)
    return known.sentence.format_map(arguments) if known else code


def remedy(code: str) -> str:
    """What to do about a reason, in plain text; empty where the file has no remedy for it."""
    known = data.reasons().get(code)
    return known.remedy if known else ""


def severity(code: str) -> str:
    """How serious a reason is: error, review, info or pass; info where the file does not say it."""
    known = data.reasons().get(code)
    return known.severity if known else "info"


def of_verdict(row: Mapping[Any, Any], campaign_names: Mapping[str, str] | None = None) -> str:
    """Why a verdict is what it is, in plain text.

    Args:
        row: With reason_code, and the columns that its sentence names, null or absent if unknown.
        campaign_names: Name of each campaign by its id.
    """
    return of_verdicts([row], campaign_names or {})


def of_verdicts(rows: Sequence[Mapping[Any, Any]], campaign_names: Mapping[str, str]) -> str:
    """Why several verdicts that have one reason are what they are, in plain text.

    Args:
        rows: Rows as of `of_verdict`; their reason_code is the same.
        campaign_names: Name of each campaign by its id.
    """
    written = [_arguments(row, campaign_names) for row in rows]
    arguments = {
        name: ", ".join(dict.fromkeys(text for row in written for text in row[name]))
        for name in written[0]
    }
    return in_words(rows[0]["reason_code"], arguments)


def explained(rows: pd.DataFrame, campaign_names: Mapping[str, str]) -> pd.DataFrame:
    """Rows as of `of_verdict` with their sentences, as verdict_reason."""
    return rows.assign(
        verdict_reason=[of_verdict(row, campaign_names) for row in rows.to_dict("records")]
    )


def break_even(value: float, basis: str) -> str:
    """A break-even with its basis: 2.21x by margin."""
    if basis == "margin" and value > data.OUT_OF_REACH:
        return "out of reach, as goods cost more than they bring"
    return f"{ratio(value)} {BASES[basis]}"


def _arguments(row: Mapping[Any, Any], campaign_names: Mapping[str, str]) -> dict[str, list[str]]:
    known = {name: value for name, value in row.items() if pd.notna(value)}
    return {
        "ci_level": [f"{data.settings().ci_level * 100:g} %"],
        "break_even": (
            [f"{known['break_even']:.4g} ({BASES[known['break_even_basis']]})"]
            if "break_even" in known
            else []
        ),
        "last_day": [day(known["last_day"])] if "last_day" in known else [],
        **{
            column: [
                campaign_names.get(campaign, campaign)
                for campaign in str(known.get(column, "")).split(", ")
            ]
            for column in CAMPAIGN_LISTS
        },
    }

"""The pages: file, title and address of each, by the name that links use."""

from typing import Any

PAGES: dict[str, dict[str, Any]] = {
    "overview": {
        "page": "views/overview.py",
        "title": "Overview",
        "icon": ":material/monitoring:",
        "default": True,
    },
    "influencers": {
        "page": "views/influencers.py",
        "title": "Influencers & personas",
        "icon": ":material/groups:",
    },
    "influencer": {
        "page": "views/influencer.py",
        "title": "One influencer",
        "icon": ":material/person:",
        "visibility": "hidden",
    },
    "decide": {
        "page": "views/decide.py",
        "title": "Decide",
        "icon": ":material/rule:",
    },
    "experiments": {
        "page": "views/experiments.py",
        "title": "Campaigns & experiments",
        "icon": ":material/science:",
    },
    "plan": {
        "page": "views/plan.py",
        "title": "Plan a test",
        "icon": ":material/explore:",
    },
    "budget": {
        "page": "views/budget.py",
        "title": "Move the budget",
        "icon": ":material/swap_horiz:",
    },
    "payouts": {
        "page": "views/payouts.py",
        "title": "Payouts",
        "icon": ":material/payments:",
    },
    "explorer": {
        "page": "views/explorer.py",
        "title": "Data explorer",
        "icon": ":material/table_view:",
    },
    "health": {
        "page": "views/health.py",
        "title": "Data health",
        "icon": ":material/health_and_safety:",
    },
    "bring": {
        "page": "views/bring.py",
        "title": "Bring your data",
        "icon": ":material/upload_file:",
    },
    "computed": {
        "page": "views/computed.py",
        "title": "How it is computed",
        "icon": ":material/function:",
    },
    "report": {
        "page": "views/report.py",
        "title": "Report",
        "icon": ":material/print:",
    },
}

# Pages that are of use before anything is published.
WITHOUT_FIGURES = ("bring",)
# Pages with other figures than what spend brought.
WITHOUT_COHORT = ("plan", "budget", "payouts", "explorer", "health", "bring", "computed")


def path(name: str) -> str:
    """Path of a page's file, as `st.switch_page` and `st.page_link` take it."""
    return str(PAGES[name]["page"])

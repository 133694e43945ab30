"""How exactly a campaign that has not run yet would be measured, by pairs of regions.

The formula is in estimators/planning.py.
"""

from typing import Any

import pandas as pd

from estimators.planning import precisions


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """One row per brand, pair of regions and length of a campaign."""
    return precisions(
        dbt.ref("base_region_weeks").df(),
        dbt.ref("base_campaign_weeks").df(),
        dbt.ref("panel_campaign_regions").df(),
        dbt.config.get("none_member"),
    )

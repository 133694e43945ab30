"""What every regional campaign brought, by one model of all campaigns, regions and weeks.

The model is in estimators/joint_panel.py; the value of an order in estimators/order_value.py; what
lands in other regions in estimators/spill_over.py.
"""

from typing import Any

import pandas as pd

from estimators.campaigns import Work, measure_campaigns


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """One row per campaign that runs in some regions only."""
    return measure_campaigns(
        dbt.ref("base_region_weeks").df(),
        dbt.ref("base_campaign_weeks").df(),
        dbt.ref("panel_campaign_regions").df(),
        dbt.config.get("none_member"),
        Work(dbt.ref("base_weeks").df(), dbt.ref("inc_media_value").df()),
    ).assign(window_id=0)

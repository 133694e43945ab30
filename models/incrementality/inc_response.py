"""What the next rupee brings, by influencer and campaign.

The model is in estimators/response.py.
"""

from typing import Any

import pandas as pd

from estimators.response import elasticities


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """One row per campaign, brand and influencer with a post."""
    return elasticities(
        dbt.ref("base_response_days").df(),
        dbt.ref("panel_posts").df(),
        dbt.ref("panel_influencers").df(),
        dbt.ref("panel_spend").df(),
        dbt.config.get("none_member"),
    )

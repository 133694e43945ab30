"""What campaigns brought where fewer than three were measured by experiments.

The model is in estimators/brand_panel.py.
"""

from typing import Any

import pandas as pd

from estimators.shop_factor import measure_shop


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """One row for attributed revenue and for media value, where it is needed and possible."""
    return measure_shop(
        dbt.ref("base_brand_weeks").df(),
        dbt.ref("base_weeks").df(),
        dbt.ref("inc_media_value").df(),
        dbt.ref("inc_factor_campaigns").df(),
        dbt.ref("inc_factor_experiments").df(),
        dbt.config.get("none_member"),
    )

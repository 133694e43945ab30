"""What reference methods of other planners say of ways to choose regions.

The formulas are in estimators/reference.
"""

from typing import Any

import pandas as pd

from estimators.reference.plans import references


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """One row per brand, design and reference method."""
    return references(
        dbt.ref("base_region_weeks").df(),
        dbt.ref("base_weeks").df(),
        dbt.ref("inc_plan_designs").df(),
        dbt.ref("inc_plan_row").df(),
        float(dbt.config.get("ci_level")),
    )

"""Results of a study that never was, drawn for tests."""

import numpy as np
import pandas as pd

from calibrate.benchmark.process import LIFT, SCENARIOS

METHODS = ("did_ratio_robust", "tbr", "trimmed_match")
ERROR, BASELINE = 100.0, 4000.0


def made_up_study(panels: int) -> pd.DataFrame:
    """Tests with normal errors, as `calibrate.benchmark.run.load` gives them."""
    random = np.random.default_rng(panels)
    rows = []
    for scenario in SCENARIOS:
        for number in range(1, panels + 1):
            noise = dict(zip(METHODS, random.normal(0, ERROR, len(METHODS)), strict=True))
            for pseudo, lift in ((0, 0.0), (0, LIFT), (1, 0.0)):
                for method in METHODS:
                    estimate = lift * BASELINE + noise[method] * (pseudo == 0)
                    is_measured = method != "trimmed_match"
                    width = 1.96 * ERROR if is_measured else np.nan
                    rows.append(
                        {
                            "experiment_id": f"{scenario.name}-{number}-{lift}-{pseudo}",
                            "scenario": scenario.name, "panel": number, "pseudo": pseudo,
                            "lift": lift, "baseline": BASELINE,
                            "pretest_days": 90, "test_days": 15,
                            "method": method, "is_default": method == "did_ratio_robust",
                            "estimate": estimate if is_measured else np.nan,
                            "se": ERROR if is_measured else np.nan,
                            "ci_low": estimate - width, "ci_high": estimate + width,
                        }
                    )  # fmt: skip
    return pd.DataFrame(rows)

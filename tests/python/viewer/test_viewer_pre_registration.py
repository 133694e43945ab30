"""What a plan is known by: its text and hash, as anybody can make them."""

import hashlib
from datetime import date
from pathlib import Path

from viewer import data

# The text of a plan, as docs/planning.md has it, written down by hand.
PLAN_TEXT = """campaign_id=Holi, "again"
brand=HKVitals
start_date=2025-02-07
end_date=2025-03-06
stop_date=2025-03-20
treated_regions=Goa; Kerala
control_regions=Assam; Delhi
method=joint_panel
break_even_roas=2.1235
budget=500000.00
revenue_se=123456.79
minimum_detectable_revenue=300000.00
prob_found_profitable=
prob_found_unprofitable=
data_until=2025-01-10"""


def test_the_hash_of_a_plan_is_that_of_its_text(tiny_warehouse: Path) -> None:
    row = data.plan_row(
        data.Plan("HKVitals", 6, 500_000, 2.12345678),
        {
            "revenue_se": 123456.789,
            "minimum_detectable_revenue": 300_000.0,
            "prob_found_profitable": float("nan"),
            "prob_found_unprofitable": None,
        },
        'Holi, "again"',
        (date(2025, 2, 7), date(2025, 3, 6), date(2025, 3, 20)),
        (["Kerala", "Goa"], ["Assam", "Delhi"]),
    )
    settled = row.pop("plan_hash")
    assert "\n".join(f"{name}={cell}" for name, cell in row.items()) == PLAN_TEXT
    assert settled == hashlib.sha256(PLAN_TEXT.encode()).hexdigest()

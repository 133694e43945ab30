"""What the shop sells and where: brands, products with list prices, and Indian states."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# Brand: influencer categories that suit it, and campaign themes, used in turn.
BRANDS = {
    "MuscleBlaze": (("Fitness", "Nutrition"),
                    ("Biozyme Challenge", "Ziddi Gym Season", "Protein Every Day")),
    "HKVitals": (("Wellness", "Lifestyle", "Beauty"),
                 ("Glow From Within", "Vitamin Habit", "Better Hair Days")),
    "Gritzo": (("Parenting", "Nutrition"),
               ("Growing Up Strong", "Back to School", "Little Champions")),
    "TrueBasics": (("Wellness", "Fitness"),
                   ("Clean Basics", "Sleep and Recover", "Everyday Strong")),
}  # fmt: skip
BRAND_NAMES = np.array(list(BRANDS), dtype=object)

# Price: list price in rupees. Share: of the shop's orders, in per cent.
PRODUCTS = pd.DataFrame(
    [
        ("MuscleBlaze", "Biozyme Performance Whey 1 kg", 2949, 16),
        ("MuscleBlaze", "Raw Whey Protein 1 kg", 1899, 12),
        ("MuscleBlaze", "Creatine Monohydrate 250 g", 899, 10),
        ("MuscleBlaze", "High Protein Peanut Butter 750 g", 499, 7),
        ("MuscleBlaze", "Mass Gainer XXL 3 kg", 3199, 3),
        ("HKVitals", "Multivitamin 60 tablets", 549, 9),
        ("HKVitals", "Fish Oil 60 capsules", 699, 7),
        ("HKVitals", "Skin Radiance Collagen 200 g", 1249, 6),
        ("HKVitals", "Biotin 90 tablets", 649, 4),
        ("Gritzo", "SuperMilk Daily Nutrition 400 g", 699, 6),
        ("Gritzo", "SuperMilk Height Plus 400 g", 849, 4),
        ("Gritzo", "SuperMilk Young Athletes 1 kg", 1799, 2),
        ("TrueBasics", "Ultra Omega-3 60 capsules", 1199, 5),
        ("TrueBasics", "Multivit Men 90 tablets", 999, 4),
        ("TrueBasics", "Multivit Women 90 tablets", 999, 3),
        ("TrueBasics", "Clinical Sleep 30 tablets", 649, 2),
    ],
    columns=["brand", "product", "price", "share"],
)

# Share: of the shop's orders, in per cent.
REGIONS = pd.DataFrame(
    [
        ("Maharashtra", "Marathi", 15), ("Delhi", "Hindi", 11), ("Karnataka", "Kannada", 11),
        ("Uttar Pradesh", "Hindi", 10), ("Tamil Nadu", "Tamil", 8), ("Telangana", "Telugu", 7),
        ("Gujarat", "Gujarati", 6), ("West Bengal", "Bengali", 6), ("Haryana", "Hindi", 5),
        ("Rajasthan", "Hindi", 4), ("Punjab", "Punjabi", 4), ("Kerala", "Malayalam", 4),
        ("Madhya Pradesh", "Hindi", 3), ("Andhra Pradesh", "Telugu", 2), ("Bihar", "Hindi", 2),
        ("Assam", "Assamese", 1), ("Odisha", "Odia", 1),
    ],
    columns=["region", "language", "share"],
)  # fmt: skip


def pick_by_row(
    shares: NDArray[np.float64], rows: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw one column for each entry of `rows`, with the shares of that row.

    Args:
        shares: Shape (kinds, columns); each row sums to 1.
        rows: Shape (n,); a row number of `shares` for each draw.
        rng: Source of randomness.

    Returns:
        Shape (n,); column numbers.
    """
    steps = shares.cumsum(axis=1)
    steps[:, -1] = 1.0  # rounding can leave the last sum a hair below
    picked: NDArray[np.int64] = (rng.random(len(rows))[:, None] >= steps[rows]).sum(axis=1)
    return picked

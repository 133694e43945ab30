"""What advice is worth: tests that were planned, and budgets that were moved, against the truth."""

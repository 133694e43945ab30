"""Public formulas of other planners, one idea a file: shown beside Helios' own foresight."""

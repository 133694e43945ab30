"""Holds every method against the truth of simulated worlds: `python -m calibrate`.

Each world is simulated, built by dbt like anybody's exports, and compared with its truth; then the
figures of all worlds, and how far chance may have moved them, are written into `docs/method.md`.
"""

"""Estimators whose linear algebra is beyond SQL; dbt's Python models call them."""

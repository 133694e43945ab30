"""Geo methods on the process of a published comparison of other tools."""

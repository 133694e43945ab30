"""Turns the bytes of raw exports into records, and their headers into columns of the contract."""

"""Checks of notebook dense_baseline."""

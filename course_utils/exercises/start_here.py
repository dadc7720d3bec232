"""Checks of notebook start_here."""

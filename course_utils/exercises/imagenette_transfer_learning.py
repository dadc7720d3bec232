"""Checks of notebook imagenette_transfer_learning."""

"""Checks of notebook cifar10_tuning."""

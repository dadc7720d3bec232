"""Weights and class names that ship with the course; see README.md beside this file."""

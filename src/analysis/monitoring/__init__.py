"""Measures and indicators followed over time."""

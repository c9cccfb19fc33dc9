"""Satisfaction index and segments."""

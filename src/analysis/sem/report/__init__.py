"""Tidy tables of a solution."""

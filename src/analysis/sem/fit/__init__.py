"""Estimators: likelihood and least squares."""

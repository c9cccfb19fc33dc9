"""Estimates under a design with their standard errors."""

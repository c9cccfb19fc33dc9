"""Figures: their common looks. What is drawn stands beside the part that shows it."""

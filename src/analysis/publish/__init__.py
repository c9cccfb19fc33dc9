"""Figures, tables, findings and the book."""

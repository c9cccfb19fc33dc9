"""What one report is made of: its params, its instrument, its standards."""

from analysis.edition.load import Edition, load_edition

__all__ = ["Edition", "load_edition"]

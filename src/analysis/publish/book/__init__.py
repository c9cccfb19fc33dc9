"""The book: staged, checked, rendered."""

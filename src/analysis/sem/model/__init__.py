"""The model as text, as parameters and as matrices."""

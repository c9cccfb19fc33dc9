"""Rules that exclude or flag interviews, what was not answered, and what cleaning changed."""

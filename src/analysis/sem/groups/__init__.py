"""One model in several groups."""

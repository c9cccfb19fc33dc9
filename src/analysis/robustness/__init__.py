"""Whether results hang on choices: the index, a ranking and drivers under every combination of reasonable ones."""

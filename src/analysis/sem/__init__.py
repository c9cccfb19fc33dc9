"""The structural equation model: syntax, fit, effects."""

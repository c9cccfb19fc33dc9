"""Phases of a survey: sampling, cleaning, weighting, estimation."""

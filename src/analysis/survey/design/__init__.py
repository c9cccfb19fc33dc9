"""The sampling design as one object: weights, strata, units, finite population, calibration, replicates."""

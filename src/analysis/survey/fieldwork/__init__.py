"""What became of the sample: outcomes, rates, norms, representativity, modes."""

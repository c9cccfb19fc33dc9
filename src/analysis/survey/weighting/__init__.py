"""From design weights to final weights, stage by stage."""

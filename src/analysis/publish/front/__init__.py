"""The front of the report: the index, the findings that were chosen, the scorecard and what to do first."""

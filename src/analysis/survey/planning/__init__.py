"""Before the fieldwork: sample size, allocation, selection, power."""

"""An attacker who reads what is published, and editions with small groups to be attacked."""

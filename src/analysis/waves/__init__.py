"""Several waves of one survey: each cleaned and weighted like the edition's own, then compared as one design."""

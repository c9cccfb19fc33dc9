"""Makes the helpers of this folder known to the tests of its parts; how thorough random tests may be asked to be."""

from hypothesis import settings

settings.register_profile("thorough", max_examples=1_000, deadline=None)

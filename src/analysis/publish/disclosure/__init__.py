"""Nothing leaves that would tell on a few people."""

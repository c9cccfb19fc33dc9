"""What people wrote, before anybody else reads it."""

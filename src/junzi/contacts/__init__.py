"""Who knows whom: requests with a greeting, and friendships."""

"""The steps of a post's way, one verb each, and what only they need."""

"""The published datasets as their own files hold them: one module each, and how such files are read."""

"""The unified corpus: built from datasets' own files, without leaks, checked on its own."""

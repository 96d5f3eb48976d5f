"""What `memelens corpus stats` tells: a corpus counted, beside what its build and the paper say of it, and drawn."""

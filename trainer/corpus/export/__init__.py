"""What `memelens corpus export` writes: a corpus for other programs, as far as it may be passed on."""

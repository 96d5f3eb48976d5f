"""What `memelens corpus show` writes: a few rows of a corpus on one page, blurred."""

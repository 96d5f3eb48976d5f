"""Questions that are asked of a built corpus, none of them with the means by which it was built."""

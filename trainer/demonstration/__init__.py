"""The demonstration model: an invented world, its drawn memes, and a model trained from scratch on them."""

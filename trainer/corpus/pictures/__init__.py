"""What is known of pictures by their content, and the looking at many of them."""

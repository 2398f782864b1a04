"""Draw the pictures of the sample stories."""

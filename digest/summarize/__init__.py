"""Condense a story into a blurb of its own sentences."""

"""Read a story out of a captured page or dump."""

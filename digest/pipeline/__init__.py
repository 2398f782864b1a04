"""The use cases, a module each: the only package that joins stages."""

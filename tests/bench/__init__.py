"""Measurements of speed and memory: `make bench`. Each module has `measure() -> dict` and the limits asked for."""

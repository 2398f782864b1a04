"""Lay an edition out as an email."""

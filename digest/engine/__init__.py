"""Carry out jobs: in this process, or in workers."""

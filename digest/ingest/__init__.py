"""Fetch and open what sources name: documents, addresses, feeds."""

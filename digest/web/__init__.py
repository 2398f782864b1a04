"""The editor's desk and the public pages."""

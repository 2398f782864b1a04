"""Build messages and hand them to a mail server, each once."""

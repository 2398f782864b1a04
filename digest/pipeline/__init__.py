"""The use cases: the only package that joins stages. One module a use case, so that a command pays only for what it uses."""

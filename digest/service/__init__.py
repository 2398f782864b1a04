"""How the service behaves among what watches it: systemd, logs, health and metrics."""

"""Keep stories, editions, readers and deliveries in one database."""

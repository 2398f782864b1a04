"""Choose the day's stories: duplicates, rank, history."""

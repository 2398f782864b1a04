"""Daily Dose: the day's stories, condensed, laid out and delivered as an email digest."""

__version__ = "0.1.0"

"""Subjects and preheaders by rule, made of words the stories use."""

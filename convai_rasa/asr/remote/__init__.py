"""Recognizers on other machines, and several of them that stand in for each other."""

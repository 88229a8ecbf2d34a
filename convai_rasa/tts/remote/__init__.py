"""Voices on other machines, and several voices that stand in for each other."""

"""Rasa's actions: each answers a message, with what the other rooms know."""

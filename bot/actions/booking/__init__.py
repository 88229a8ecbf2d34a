"""The conversation about a booking as values and functions; no Rasa here."""

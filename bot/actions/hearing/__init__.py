"""What an utterance says: day, time, guests, name, yes or no, and what in passing; no Rasa here."""

"""The restaurant's action server: understanding, the booking book, and the answers.

Data flows one way. ``house`` is what the owner wrote and what is booked, and knows nobody; ``hearing`` and ``food``
turn words into values, ``food`` also into answers; ``booking`` decides about a booking; ``talk`` holds the actions,
which translate between Rasa and the rest.
"""

"""The restaurant's action server: understanding, the booking book, and the answers.

Data flows one way: ``restaurant`` (what the owner wrote) and ``database`` know nobody; ``numbers``, ``when`` and
``hearing`` turn words into values; ``booking_dialogue`` decides what to do with them; the modules with actions
(``booking``, ``answers``, ``menu_answers``, ``complaint``, ``patience``, ``calls``, ``smalltalk``) translate between
Rasa and the rest.
"""

"""The restaurant's action server: understanding, the booking book, and the answers.

Data flows one way: ``restaurant`` (what the owner wrote) and ``database`` know nobody; ``hearing``, ``corrections``,
``notes``, ``menu`` and ``safety`` turn words into values and values into answers; ``booking_dialogue`` decides about a
booking; the modules with actions (``booking``, ``questions``, ``overview``, ``complaint``, ``patience``, ``calls``,
``smalltalk``) translate between Rasa and the rest.
"""

"""A Rasa project on disk: what ``convai add`` changes in it, and what ``convai doctor`` finds.

``training_data`` reads a project with Rasa's importers, ``adding`` decides what becomes of it with ``pipeline``,
``entity_plan`` and ``channel``, and ``yaml_text`` edits the text; ``marks`` are what ``undo`` knows those edits by.
``add`` and ``remove`` show and write. ``doctor`` runs the ``check_*`` modules and ``training_checks``, each of which
yields findings and never raises for a mistake of the user.
"""

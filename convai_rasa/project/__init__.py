"""A Rasa project on disk: what ``convai add`` changes in it, and what ``convai doctor`` finds.

``yaml_text`` edits text, ``pipeline`` and ``channel`` decide what to edit, ``add`` asks and writes; ``doctor`` runs the
``check_*`` modules, each of which yields findings and never raises for a mistake of the user.
"""

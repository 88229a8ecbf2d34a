"""A Rasa project on disk: what ``convai add`` changes in it, and what ``convai doctor`` finds.

``training_data`` reads a project with Rasa's importers. ``add`` and ``remove`` show and write what ``change`` decides.
``doctor`` runs the ``check_*`` modules and ``training_checks``, each of which yields findings and never raises for a
mistake of the user. ``compare`` holds two pipelines against each other.
"""

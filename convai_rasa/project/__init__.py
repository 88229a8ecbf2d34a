"""A Rasa project on disk: what ``convai add`` changes in it, and what ``convai doctor`` finds.

``training_data`` reads a project with Rasa's importers. ``change/`` decides what to write into its files, ``compare/``
holds two pipelines against each other. ``examination`` runs ``checks/`` and ``training_checks/``, each of which yields
findings and never raises for a mistake of the user.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

"""What ``convai add`` changes in a project's files, and how ``convai remove`` takes it back.

``adding`` decides what becomes of a project with ``fitting``, ``pipeline``, ``entity_plan`` and ``voice_channel``;
``yaml_text`` edits the text, and ``marks`` are what ``undo`` knows those edits by.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

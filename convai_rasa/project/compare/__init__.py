"""Two pipelines on the same messages.

``split`` → ``trial`` (in a ``pipeline_process``) → ``figures`` → ``report`` and ``html_page``.

Nothing here decides what a pipeline should look like; it only says what one does for the examples of a project that it
was not trained on.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

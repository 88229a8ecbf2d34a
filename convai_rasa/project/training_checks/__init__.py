"""What ``rasa train`` and ``rasa run`` would stumble over in a project, found without training or running anything.

``loaded_bot`` reads the project with Rasa's own importers, a file at a time where one cannot be read. ``components``
makes every component of the pipeline and the policies as a training does, ``order`` looks at how they stand,
``entities`` at what they put out, ``agreement`` at the domain against the data, ``rules`` at rules and stories that
contradict each other, ``custom_actions`` at the bot's own code and ``services`` at what has to answer beside it. Each
yields findings and raises none.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

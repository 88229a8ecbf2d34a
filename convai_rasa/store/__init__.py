"""The models/ tree: what there is, where it is, how it gets there and whether it is whole.

``resolve`` finds an installed model; ``fetch_model`` installs one; ``convai_rasa.commands.models`` is the command.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

"""The models/ tree: what there is, where it is, how it gets there and whether it is whole.

``resolve`` finds an installed model; ``fetch.fetch_model`` installs one; ``convai_rasa.models_command`` is the command.
"""

from convai_rasa.store.resolve import resolve

__all__ = ["resolve"]

"""The models/ tree: what there is, where it is, how it gets there and whether it is whole.

``resolve`` finds an installed model; ``convai models`` (``store.command``) fetches, lists and verifies.
"""

from convai_rasa.store.resolve import resolve

__all__ = ["resolve"]

"""The command ``convai models``, which is also ``scripts/download_models.py``: one module for each thing it does.

It stands above the rooms it uses: the store, and for ``--verify --deep`` the engines.
"""

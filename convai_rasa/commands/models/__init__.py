"""``convai models``, which is also ``scripts/download_models.py``: one module for each verb, named like it."""

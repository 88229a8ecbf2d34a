"""The places models are fetched from, one module per kind of place.

Each has ``fetch(source, model, staging, into)``, which leaves every published file of the model in ``into``, checked
against its SHA-256, or raises DownloadError. What it wants to find again after a cut it keeps in ``staging``.
"""

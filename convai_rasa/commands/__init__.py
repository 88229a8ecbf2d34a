"""What ``convai`` can do: one module for each verb, named like it, each with ``add_arguments`` and ``run``."""

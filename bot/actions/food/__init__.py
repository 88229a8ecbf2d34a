"""The menu, and what is safe to eat."""

"""What is said of moments, and how it is put together. Nothing here knows a language."""

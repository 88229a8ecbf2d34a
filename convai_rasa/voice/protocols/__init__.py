"""Wire formats of the voice channel: one module each, translating frames to messages and back."""

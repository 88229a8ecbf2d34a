"""Written to spoken: a text made for the eye becomes sentences, silences and symbols for a voice."""

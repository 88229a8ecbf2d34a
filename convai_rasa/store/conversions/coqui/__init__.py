"""Coqui's voices: the files they come in, and their layers, put together for being written as graphs."""

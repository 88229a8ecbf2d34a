"""What the bot adds to the understanding of a message: its parts, and whether it is in another language."""

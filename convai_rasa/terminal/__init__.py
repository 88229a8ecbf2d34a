"""``convai talk``: a conversation through this machine's microphone and loudspeaker, or through wav files."""

"""Interview transcripts: who speaks, who asks, and the turns of each speaker."""

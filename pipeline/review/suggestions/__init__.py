"""What people's decisions say about the machine's suggestions: how well they ranked, and which words deserve a pattern."""

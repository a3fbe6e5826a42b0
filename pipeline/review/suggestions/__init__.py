"""What people's decisions say of the machine's suggestions: how well they ranked, and which words deserve a pattern."""

"""The theory of change beside the evidence: what people confirmed on its elements, and what the machine alone coded."""

"""From excerpts to codings: rules, embeddings, a classifier that learns from examples, and the combination of their votes."""

"""From excerpts to codings: rules, embeddings, a classifier that learns from examples, and what their votes come to."""

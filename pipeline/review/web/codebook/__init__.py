"""The codebook screen of the review page: the tree with its counts, changes, their history, and the sorting of a split code."""

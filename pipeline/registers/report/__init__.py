"""The numbered findings, conclusions, recommendations, lessons and practices of an evaluation report."""

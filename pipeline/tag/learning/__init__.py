"""What the classifier learns: codes and stances from examples, on scikit-learn's estimators."""

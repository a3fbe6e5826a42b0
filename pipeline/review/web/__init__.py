"""The review page: its routes, their guard, and what the browser loads."""

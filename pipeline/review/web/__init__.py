"""The review page: routes, what guards them, and what the browser loads."""

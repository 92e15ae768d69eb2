"""The arena's page: plain HTML, CSS and JavaScript; nothing of it comes from elsewhere."""

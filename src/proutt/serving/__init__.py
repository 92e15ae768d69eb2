"""The service: from the messages of a running chat to suggestions, over HTTP, for whatever front end asks."""

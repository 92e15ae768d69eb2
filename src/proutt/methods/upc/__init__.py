"""UPC: a critic guides a chatbot's talk with user agents, so that it cares for who they are (paper 004)."""

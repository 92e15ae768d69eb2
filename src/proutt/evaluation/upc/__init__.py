"""How proactive a chatbot is: test users talk with it, a critic scores what it says (UPC 5.1, Table 1)."""

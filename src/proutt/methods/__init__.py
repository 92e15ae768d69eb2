"""What is synthesised. A method takes dialogues and models it was given, and returns records; no file or network."""

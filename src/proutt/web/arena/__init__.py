"""The arena: people chat with two chatbots, not knowing which is which, and compare them (UPC 5.4, figure 4)."""

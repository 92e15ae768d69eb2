"""What is asked of a model that invents the people whom user agents play (UPC 4.4)."""

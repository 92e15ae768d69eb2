"""How good suggestions are: judges, embeddings, comparisons, people; with intervals."""

"""The page's own files: skeleton, style and script. `assembly.py` puts them together."""

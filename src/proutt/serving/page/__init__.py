"""The files of the page at `/`; those with an ending of `assets.TYPES` are served as they are."""

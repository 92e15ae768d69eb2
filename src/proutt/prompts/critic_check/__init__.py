"""UPC's critic asked in another order, to see whether the order decides; and what its scores mean, for people."""

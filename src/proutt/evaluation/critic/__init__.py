"""UPC's critic checked: does it say the same again, and do order, length, kinship or a demand move its scores?"""

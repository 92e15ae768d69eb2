"""Experiments: one file names arms and stages; stages that arms have in common are done once and kept.

file → arms → stages (what needs what) → kept results → the paper's numbers beside the measured ones
"""

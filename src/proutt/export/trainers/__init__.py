"""Configurations that train on an export, for the trainer that each format is for: to be run in the export's folder."""

from proutt.export.trainers.training import Training, enough_tokens

__all__ = ["Training", "enough_tokens"]

"""Dialogues that agents make with each other, from what a user is meant to want: runs, their input and their verbs."""

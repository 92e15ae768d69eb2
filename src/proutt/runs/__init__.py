"""Run directories: journal, scheduler, resume, progress, and reading what a run made."""

"""`python -m proutt`: the same as the `proutt` command."""

from proutt.cli import main

if __name__ == "__main__":
    main()

"""The command line: one thin module per verb. A verb parses, calls one function, prints.

Verbs load when they are called, so that `proutt --help` answers in a blink.
"""

from __future__ import annotations

import os
import sys
import traceback

import click

from proutt import __version__
from proutt.cli.lazy import LazyGroup
from proutt.errors import ProuttError, UserError

#: verb → (module of its `command`, what it is for)
VERBS = {
    "dialogues": ("proutt.cli.dialogues", "Say what is in dialogue files; write them in normal form."),
    "synthesize": ("proutt.cli.synthesize", "Turn dialogues into preference pairs with intent reasoning."),
    "simulate": ("proutt.cli.simulate", "Make dialogues of what users want, with explicit reasoning (SynPT)."),
    "merge": ("proutt.cli.merge", "Join runs: shards of one input, or runs over several."),
    "personas": ("proutt.cli.personas", "Write personas for user agents with a model; split and count them (UPC)."),
    "export": ("proutt.cli.export", "Write a run's pairs as training files."),
    "show": ("proutt.cli.show", "Show a pair, or a simulated dialogue, with its reasoning."),
    "train": ("proutt.cli.train", "Train a LoRA adapter on pairs; merge it; write it as GGUF."),
    "report": ("proutt.cli.report", "Write a run as one HTML file to explore in a browser."),
    "stats": ("proutt.cli.stats", "Lengths and length differences of a run's pairs (ProUtt, Table II)."),
    "audit": ("proutt.cli.audit", "Look for what is wrong with preference data."),
    "predict": ("proutt.cli.predict", "Propose what the user will say next, with any model and method."),
    "evaluate": ("proutt.cli.evaluate", "Measure suggestions: judge, embeddings, side by side, with intervals."),
    "experiment": ("proutt.cli.experiment", "Run a file from dialogues to the paper's table: train, predict, measure."),
    "ask": ("proutt.cli.ask", "Talk to an assistant that finds out what you want, then does it (SynPT)."),
    "serve": ("proutt.cli.serve", "Serve suggestions for running chats over HTTP, with a page to try them."),
    "annotate": ("proutt.cli.annotate", "Let people judge suggestions on a local page, blind."),
    "arena": ("proutt.cli.arena", "Let people chat with two chatbots on a page and compare them, blind (UPC)."),
    "models": ("proutt.cli.models", "Show, check and fetch models."),
}


@click.group(cls=LazyGroup, verbs=VERBS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="proutt")
@click.option("--debug", is_flag=True, envvar="PROUTT_DEBUG", help="Show a traceback when something fails.")
def cli(debug: bool) -> None:
    """From chat logs to a small private model that proposes what the user will say next.

    \b
    Start here:
      proutt dialogues chats.jsonl            what is in the file
      proutt synthesize chats.jsonl --out run preference pairs, on the embedded model
      proutt show run                         read one
      proutt export run --to trl-preference   write training files
    """


def main() -> None:
    """The `proutt` command. Exit codes: 0 done, 1 done but some items failed, 2 the user can mend it, 130 stopped."""
    debug = "--debug" in sys.argv or bool(os.environ.get("PROUTT_DEBUG"))
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except (ProuttError, OSError) as error:
        if debug:
            traceback.print_exc()
        from proutt.cli.terminal import plain
        from proutt.dialogue.sources import shown_in

        click.echo(f"Error: {plain(shown_in(str(error)))}", err=True)
        sys.exit(2 if isinstance(error, (UserError, OSError)) else 1)

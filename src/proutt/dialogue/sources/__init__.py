"""From what the user named to records, each with its place: files, folders, URLs, standard input, the hub.

Knows JSON, JSON Lines, Parquet and gzip, tells them apart by their first bytes, and nothing of dialogues except the
keys under which records keep their messages. Every source is read as a stream: memory holds one record and a window.
"""

from proutt.dialogue.sources.naming import Source, named
from proutt.dialogue.sources.opening import records
from proutt.dialogue.sources.remote import is_url, shown, shown_in

__all__ = ["Source", "is_url", "named", "records", "shown", "shown_in"]

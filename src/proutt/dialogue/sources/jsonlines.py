"""JSON Lines: a record a line. A line that is no JSON is one bad record; the lines after it are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from proutt.dialogue.raw import Record, bad_record
from proutt.dialogue.sources.jsontext import not_utf8
from proutt.dialogue.sources.naming import Source
from proutt.dialogue.sources.sniffing import BOM


def line_records(source: Source, stream: BinaryIO) -> Iterator[Record]:
    """A record for each line that is not blank; lines count from 1."""
    for number, line in enumerate(stream, start=1):
        content = line.removeprefix(BOM) if number == 1 else line
        if content.strip():
            yield _record(source, number, content)


def _record(source: Source, number: int, line: bytes) -> Record:
    suffix, made_id = f":{number}", f"{source.stem}-{number}"
    try:
        return Record(source.name, suffix, made_id, json.loads(line.decode("utf-8")))
    except UnicodeDecodeError:
        problem = not_utf8()
    except json.JSONDecodeError as error:
        cut = not line.endswith(b"\n") and error.pos >= len(error.doc.rstrip()) - 1
        why = "it ends in the middle; was the file cut off?" if cut else f"{error.msg} at column {error.colno}."
        problem = bad_record("not-json", f"the line is not JSON: {why}")
    except RecursionError:
        problem = bad_record("not-json", "the line is nested too deeply.")
    except ValueError:
        problem = bad_record("not-json", "the line holds a number of thousands of digits.")
    return Record(source.name, suffix, made_id, problem=problem)

"""Which of several endpoints a dialogue's calls go to: the same one while it can, so that it has the dialogue computed.

Rendezvous hashing: each dialogue has its own order of the endpoints, drawn from their names. It is the same in every
process and session, dialogues spread evenly over the endpoints, and where one of them goes only its dialogues move.
A call takes the first of its dialogue's order that takes calls and has no more than its share of what is in flight, as
in consistent hashing with bounded loads: a slow endpoint, whose calls pile up, gets no more than the others have, and
what it can't take goes to the next in order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from math import ceil

from proutt.llm.member import Member

#: How far above its even share of the calls in flight an endpoint may come before a dialogue goes elsewhere. 1 spreads
#: calls as if no dialogue had a place; large values let all work pile up at the slowest endpoint.
SLACK = 1.25


@lru_cache(maxsize=2**14)
def order_of(affinity: str, names: tuple[str, ...]) -> tuple[int, ...]:
    """The places of all names, the one that suits `affinity` best first. Names that are alike are told apart by how
    manieth of their kind they are."""
    weights = {}
    for place, name in enumerate(names):
        text = f"{affinity}\0{name}\0{names[:place].count(name)}"
        weights[place] = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return tuple(sorted(weights, key=lambda place: weights[place], reverse=True))


def chosen(members: Sequence[Member], takes: Callable[[Member], bool], affinity: str) -> Member | None:
    """The member that a call goes to, None where none takes it. takes: whether a member takes this call now.

    Without an affinity, and where each in order has its share already, it is the one with the least load.
    """
    free = [member for member in members if takes(member)]
    if len(free) > 1 and affinity:
        there = [member for member in members if member.lost is None and not member.breaker.is_open]
        # Shares go by what each was found to bear: one that refuses calls for their rate gets fewer.
        share = SLACK * (sum(each.in_flight for each in there) + 1) / (sum(each.limit.current for each in there) or 1)
        in_order = [members[place] for place in order_of(affinity, tuple(member.name for member in members))]
        for member in in_order:
            if member.in_flight < ceil(share * member.limit.current) and takes(member):
                return member
    return min(free, key=lambda member: member.load, default=None)

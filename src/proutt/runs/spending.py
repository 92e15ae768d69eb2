"""What a run's calls cost: the prices of its models, and the ceiling that they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from proutt.errors import UserError
from proutt.llm import ModelSpec, Usage
from proutt.prompts import Role
from proutt.runs.ceiling import Ceiling
from proutt.runs.prices import Price, cost, price_of


@dataclass(frozen=True)
class Spending:
    """Prices of the roles that make calls.

    prices      role → price per million tokens, None where it is not known
    identities  role → its model's identity, known once the models are open
    """

    prices: Mapping[Role, Price | None]
    identities: dict[Role, str] = field(default_factory=dict)

    @property
    def currencies(self) -> set[str]:
        """Of what is not free."""
        return {price.currency for price in self.prices.values() if price and (price.input or price.output)}

    @property
    def currency(self) -> str:
        """The one in which costs are told, or ""."""
        return min(self.currencies, default="")

    def cost(self, usage: Usage, identity: str) -> float | None:
        """What a usage costs at the model of that identity; None where that is not known, or not one currency's."""
        role = next((role for role, known in self.identities.items() if known == identity), None)
        price = None if role is None else self.prices.get(role)
        return None if price is None or len(self.currencies) > 1 else cost(usage, price)

    def ceiling(self, *, max_tokens: int | None, max_cost: float | None, before: Mapping[str, Usage]) -> Ceiling:
        """What the run may spend; `before`: model's identity → usage of earlier sessions."""
        return Ceiling(max_tokens=max_tokens, max_cost=max_cost, cost=self.cost, before=before)


def spending_of(specs: Mapping[Role, ModelSpec], table: Mapping[str, Price], *, max_cost: float | None) -> Spending:
    """The prices of these models. Raises UserError where money is limited and can't be counted."""
    prices = {role: price_of(spec, table) for role, spec in specs.items()}
    unknown = next((specs[role].model for role, price in prices.items() if price is None), None)
    if unknown is not None and max_cost is not None:
        raise UserError(
            f"--max-cost is given, but the price of {unknown} is not known.",
            remedy=f"proutt models prices --set {unknown} --input PRICE --output PRICE (per million tokens)",
        )
    spending = Spending(prices)
    if len(spending.currencies) > 1 and max_cost is not None:
        raise UserError(
            f"--max-cost is given, but the models are paid in {', '.join(sorted(spending.currencies))}.",
            remedy="Give --max-tokens instead.",
        )
    return spending

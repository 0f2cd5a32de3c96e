"""Resources → an estimate: lines with amount and error, what it leaves out, and a total that says how sure it is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from opsctl.core.cost.assumed import Assumed
from opsctl.core.cost.free import is_free
from opsctl.core.cost.prices import BOOKS, PriceBook
from opsctl.core.cost.resources import PRICED, UNPRICED, Resource, Setting, Use, setting
from opsctl.core.cost.traffic import TRAFFIC, traffic
from opsctl.errors import OpsError

EXCLUDED = ("tax", "AWS support", "traffic beyond what is assumed, and between zones", "LLM and other APIs")
_GUESS_ERROR = 0.5
_LEAST_ERROR = 0.15  # what no table of list prices knows: discounts, rounding, what AWS charges in small amounts


@dataclass(frozen=True)
class Line:
    """`usd` a month, give or take the share `error`; `source` is where the price comes from."""

    module: str
    what: str
    price: str
    quantity: float
    unit_usd: float
    error: float
    source: str

    @property
    def usd(self) -> float:
        return self.quantity * self.unit_usd


@dataclass(frozen=True)
class Estimate:
    """`missing` is what costs something that the table cannot tell: the total is then the least it comes to."""

    book: PriceBook
    lines: tuple[Line, ...]
    missing: tuple[str, ...]
    assumed: Assumed

    @property
    def usd(self) -> float:
        return sum(line.usd for line in self.lines)

    @property
    def error(self) -> float:
        """As if all lines were wrong in the same direction, which is the safe way to add them."""
        wrong = sum(line.usd * line.error for line in self.lines)
        return max(_LEAST_ERROR, wrong / self.usd) if self.usd else _LEAST_ERROR


def book_of(region: str) -> PriceBook:
    """Raises OpsError for a region without prices, as another region's would be a guess."""
    if region not in BOOKS:
        raise OpsError(
            f"opsctl has no prices for {region}, and does not guess; it has {', '.join(BOOKS)}",
            state="Nothing was changed.",
            hint="docs/cost.md says where its prices come from and how to add a region",
        )
    return BOOKS[region]


def estimate(resources: Sequence[Resource], assumed: Assumed, book: PriceBook) -> Estimate:
    """One line for each price that a module uses."""
    here = [found for found in resources if not found.region or found.region == book.region]
    uses = list(_uses(here, setting(here, assumed)))
    lines = tuple(line for module, use in _summed(uses) if (line := _line(module, use, book)))
    missing = [f"{use.what} ({use.price} is not in the table)" for _, use in uses if book.of(use.price) is None]
    unknown = [*missing, *_unpriced(here), *_elsewhere(resources, book.region)]
    return Estimate(book, lines, tuple(dict.fromkeys(unknown)), assumed)


def _uses(resources: Sequence[Resource], where: Setting) -> Iterator[tuple[str, Use]]:
    for found in resources:
        for use in PRICED[found.type](found.attributes, where) if found.type in PRICED else ():
            yield found.module, replace(use, quantity=use.quantity * found.number)
    for use in traffic({found.type for found in resources}, where.assumed):
        yield "traffic", use


def _summed(uses: Iterable[tuple[str, Use]]) -> Iterator[tuple[str, Use]]:
    """Each use of a module once, in the order in which they came."""
    sums: dict[tuple[str, Use], float] = defaultdict(float)
    for module, use in uses:
        sums[module, replace(use, quantity=0.0)] += use.quantity
    for (module, use), quantity in sums.items():
        yield module, replace(use, quantity=quantity)


def _line(module: str, use: Use, book: PriceBook) -> Line | None:
    price = book.of(use.price)
    if price is None or not use.quantity:
        return None
    error = _GUESS_ERROR if use.guessed else price.error
    return Line(module, use.what, use.price, use.quantity, price.usd, error, price.source)


def _unpriced(resources: Iterable[Resource]) -> Iterator[str]:
    for kind, number in Counter(found.type for found in resources).items():
        if kind in UNPRICED:
            yield UNPRICED[kind]
        elif kind not in PRICED and kind not in TRAFFIC and not is_free(kind):
            yield f"{number} {kind}, which opsctl does not know"


def _elsewhere(resources: Iterable[Resource], home: str) -> Iterator[str]:
    counted = Counter[str]()
    for found in resources:
        if found.region not in ("", home) and not is_free(found.type):
            counted[found.region] += found.number
    for region, number in counted.items():
        yield f"{number} resources in {region}, for which there are no prices"

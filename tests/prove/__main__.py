"""`make prove`: the long proofs, whole, on the sandbox's cluster; exits with 1 where one fails.

    PROVE_RUNS=5 make prove                     a quick pass: five of each, every seventh case of the matrix
    python tests/prove --only matrix            one proof
    python tests/prove --only matrix --case 'deploy · cutover: after switch · kill'

Each finding is a line of .sandbox/prove.jsonl; a run that was cut short goes on where it was, on the same commit.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TypeVar

import bad_releases
import healthy
import ledger
import many
import matrix
import scale
import share
import stopping
from brief_world import BriefWorld
from ledger import Ledger
from many import ManyWorld
from sandbox_cluster import PROJECT, started

BRIEF = ("matrix", "bad", "healthy", "cost", "share")  # in one world
PROOFS = (*BRIEF, "many", "scale")
WHOLE = 50  # runs of each proof but the matrix, which has its own number
MANY = 20  # deploys, and as many rollbacks
AWAY_S = 20.0
_QUICK = 7
AnyWorld = TypeVar("AnyWorld", bound=BriefWorld)


def main() -> int:
    wanted = _parser().parse_args()
    book = Ledger(wanted.ledger)
    proofs = wanted.only or PROOFS
    brief = [proof for proof in proofs if proof in BRIEF]
    if brief:
        with _world(BriefWorld) as world:
            for proof in brief:
                _prove(proof, world, book, wanted)
    if "many" in proofs:
        with _world(ManyWorld) as world:
            _many(world, book, min(wanted.runs, MANY))
    if "scale" in proofs:
        book.run("scale", "1,000 pods a color", lambda: scale.run(started()))
    print(f"\ncommit {book.commit}, {ledger.machine()}")
    failures = [_printed(proof, book) for proof in wanted.only or PROOFS]
    return int(any(failures))


@contextmanager
def _world(kind: type[AnyWorld]) -> Iterator[AnyWorld]:
    """A namespace and a folder of its own."""
    name = f"prove-{uuid.uuid4().hex[:8]}"
    with tempfile.TemporaryDirectory(prefix="prove-") as folder, kind(started(), name, Path(folder)) as world:
        yield world


def _prove(proof: str, world: BriefWorld, book: Ledger, wanted: argparse.Namespace) -> None:
    if proof == "matrix":
        for case in _cases(wanted):
            book.run(proof, str(case), lambda case=case: asdict(stopping.run(case, world, wanted.away)))  # type: ignore[misc]
    if proof == "bad":
        _bad(world, book, wanted.runs)
    if proof == "healthy":
        for number in range(1, wanted.runs + 1):
            book.run(proof, f"busy {number}", lambda: healthy.run(world))
    if proof == "cost":
        book.run(proof, "probes", lambda: healthy.cost(world))
    if proof == "share":
        book.run(proof, "requests", lambda: share.calls(world))  # first, while the colors are small
        for pods in share.SIZES:
            book.run(proof, f"{pods} pods a color", partial(share.run, world, pods))


def _many(world: ManyWorld, book: Ledger, runs: int) -> None:
    for number in range(1, runs + 1):
        for verb in ("deploy", "rollback"):
            book.run("many", f"{verb} {number}", partial(many.run, world, verb, number))


def _bad(world: BriefWorld, book: Ledger, runs: int) -> None:
    """So many of a whole color, kind after kind, and a tenth as many of each other kind, and of the script."""
    for number in range(runs):
        kind = bad_releases.WHOLE[number % len(bad_releases.WHOLE)]
        book.run("bad", f"{kind.name} {number}", lambda kind=kind: bad_releases.run(kind, world))  # type: ignore[misc]
        if number % 10 == 0:
            book.run("bad", f"{bad_releases.BOUND} {number}", lambda: bad_releases.run_bound(world))
            for kind in bad_releases.OTHERS:
                book.run("bad", f"{kind.name} {number}", lambda kind=kind: bad_releases.run(kind, world))  # type: ignore[misc]


def _cases(wanted: argparse.Namespace) -> list[matrix.Case]:
    """All; those that begin as `--case` says; or, in a quick pass, every seventh, so that each fault is among them."""
    found = [case for case in matrix.cases() if str(case).startswith(wanted.case)]
    return found if wanted.case or wanted.runs >= WHOLE else found[::_QUICK]


def _printed(proof: str, book: Ledger) -> bool:
    """Print what is on record of a proof; returns whether anything of it failed."""
    records = book.records(proof)
    bad = ledger.failed(records)
    print(f"\n{proof}: {len(records) - len(bad)} of {len(records)} hold")
    if proof == "matrix":
        print(matrix.table(records))
    goals = bad_releases.missed(records) if proof == "bad" else []
    if proof == "bad":
        print("\n".join([bad_releases.table(records), *goals]))
    if proof == "many":
        print(many.table(records))
    for record in records if proof in ("cost", "share", "scale") else bad:
        print(f"  {record['name']}: {record.get('why') or record}")
    return bool(bad or goals) or not records


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="prove", description="The long proofs, on the sandbox's cluster.")
    parser.add_argument("--only", action="append", choices=PROOFS, help="this proof; may be repeated")
    parser.add_argument("--runs", type=int, default=WHOLE, help=f"of each (default {WHOLE}); fewer is a quick pass")
    parser.add_argument("--case", default="", help="only cases of the matrix whose name begins so")
    parser.add_argument("--away", type=float, default=AWAY_S, help=f"seconds without an API (default {AWAY_S:g})")
    parser.add_argument("--ledger", type=Path, default=PROJECT / "prove.jsonl", help="where findings are kept")
    return parser


if __name__ == "__main__":
    sys.exit(main())

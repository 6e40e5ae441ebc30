"""The campaign: a stream of jobs, and faults at random moments, from a seed that is printed.

    python -m tests.faults.campaign --jobs 500 --faults 200      what `make faults` runs

Ends with the table of docs/reliability.md.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from pydantic import SecretStr
from tests.faults.audit import Audit, audit, wait_for_the_end
from tests.faults.faults import LEASE_SECONDS, Faults
from tests.faults.stream import SAMPLE, Callers
from tests.faults.twice import Twice

from vasari.config import Settings
from vasari.local.process import Event
from vasari.local.stack import Stack
from vasari.store import Store

SETTINGS = {
    "VASARI_LEASE_SECONDS": str(LEASE_SECONDS),
    "VASARI_MAX_ATTEMPTS": "5",  # a stage may be killed more often than on an ordinary day
    "VASARI_RETRY_SECONDS": "0.1",
    "VASARI_HINT_SECONDS": "5",
}


@dataclass
class Outcome:
    done: Counter[str]
    """How often each fault was done."""
    callers: Callers
    poisoned: list[str]
    asked: list[str]
    twice: int
    """Messages that the broker delivered twice."""
    ended: bool
    audit: Audit
    seconds: float


def run(seed: int, jobs: int, faults: int, outage: float, folder: Path, tell: bool = False) -> Outcome:
    """Let it happen: at least so many jobs, and jobs for as long as faults come.

    `outage`: seconds for which the store stops.
    """
    chance = random.Random(seed)
    began = time.monotonic()
    done: Counter[str] = Counter()

    def say(words: object) -> None:
        if tell:
            print(f"{time.monotonic() - began:7.1f} s  {words}", flush=True)

    def listener(event: Event) -> None:
        say(f"{event.name} {event.state}")

    with (
        patch.dict(os.environ, SETTINGS),
        Stack(folder / "stack", {"render": 2}, listener=listener) as stack,
        Twice(stack.environment["VASARI_BROKER_URL"]) as twice,
    ):
        url, settings = stack.environment["VASARI_DATABASE_URL"], _settings(stack)
        box = Faults(stack, settings, twice, SAMPLE, outage)
        kinds = box.all()
        callers = Callers(stack.address, folder, seed, jobs)
        # Each kind once before any comes again.
        order = [*kinds, *(chance.choice(list(kinds)) for _ in range(max(0, faults - len(kinds))))][:faults]
        chance.shuffle(order)
        for name in order:
            time.sleep(chance.uniform(0.2, 2.0))
            say(f"fault: {name} ({len(callers.accepted)} jobs accepted)")
            kinds[name](chance)
            done[name] += 1
        callers.enough()
        while callers.busy:
            time.sleep(0.2)
        say("no more faults, no more jobs")
        ended = wait_for_the_end(url, 180 + jobs)
        kinds["messages for jobs that ended"](chance)
        time.sleep(3.0)
        found = audit(url, Store(settings), callers.accepted + box.poisoned + box.asked, callers.deleted, folder)
    return Outcome(done, callers, box.poisoned, box.asked, twice.messages, ended, found, time.monotonic() - began)


def _settings(stack: Stack) -> Settings:
    own = {
        name.removeprefix("VASARI_").lower(): value
        for name, value in stack.environment.items()
        if name.startswith("VASARI_")
    }
    secret = {k for k, field in Settings.model_fields.items() if field.annotation is SecretStr}
    return Settings(**{k: SecretStr(v) if k in secret else v for k, v in own.items()})  # type: ignore[arg-type]


def table(outcome: Outcome) -> str:
    """Markdown."""
    found, callers = outcome.audit, outcome.callers
    rows = [f"| {name} | {count} |" for name, count in sorted(outcome.done.items())]
    facts = {
        "jobs accepted": len(callers.accepted) + len(outcome.poisoned) + len(outcome.asked),
        "calls made again because no answer came": callers.repeated,
        "messages delivered twice": outcome.twice,
        **{f"of these {state}": count for state, count in sorted(found.states.items())},
        **{f"a {kind}": count for kind, count in sorted(found.kinds.items())},
        **{f"FAILED for {reason}": count for reason, count in sorted(found.reasons.items())},
        "attempts at stages; leases lost": f"{found.attempts}; {found.leases_lost}",
        "**jobs lost**": len(found.lost),
        "**jobs that ended twice**": len(found.ended_twice),
        "**results not whole, or doubled**": len(found.broken),
        "**leases or attempts left open**": len(found.leases),
        "**objects that nobody names, or that are missing**": len(found.orphans),
        "**secrets in logs**": len(found.secrets),
    }
    return "\n".join(
        [
            *("| fault | times |", "|---|---|", *rows, f"| **in all** | {outcome.done.total()} |", ""),
            *("| after them | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts.items())),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--outage", type=float, default=30.0, help="seconds for which the store stops answering")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="vasari-faults-") as folder:
        outcome = run(options.seed, options.jobs, options.faults, options.outage, Path(folder), tell=True)
    print(table(outcome), f"\n{outcome.seconds:.0f} s, seed {options.seed}")
    found = outcome.audit
    wrong = [*found.lost, *found.ended_twice, *found.broken, *found.leases, *found.orphans, *found.secrets]
    print(*wrong, sep="\n")
    sys.exit(bool(wrong) or not outcome.ended)


if __name__ == "__main__":
    main()

"""After the faults: what the database and the store hold, against what was promised."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import av
import psycopg

from vasari.media.motion_file import read_motion
from vasari.store import Store
from vasari.values import VasariError

ENDED: Final = ("SUCCEEDED", "FAILED", "CANCELLED")


@dataclass
class Audit:
    """What was found. Every list is to be empty."""

    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    """Of results."""
    lost: list[str] = field(default_factory=list)
    """Accepted jobs that have no row, or have not ended."""
    ended_twice: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Results that are not whole, not decodable or not alone."""
    leases: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    """Objects that no row names, and rows that name no object."""
    secrets: list[str] = field(default_factory=list)
    """Logs in which a password or a key of the stack stands."""
    attempts: int = 0
    leases_lost: int = 0


def wait_for_the_end(url: str, seconds: float) -> bool:
    """Wait until no job is unfinished and nothing is due to be deleted. False when that took too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with psycopg.connect(url, connect_timeout=3) as connection:
                row = connection.execute(
                    "SELECT (SELECT count(*) FROM jobs WHERE state IN ('QUEUED', 'RUNNING')),"
                    " (SELECT count(*) FROM litter WHERE not_before < clock_timestamp() + interval '10 seconds')"
                ).fetchone()
        except psycopg.OperationalError:
            row = None
        if row == (0, 0):
            return True
        time.sleep(0.5)
    return False


def audit(url: str, store: Store, accepted: list[str], deleted: set[str], folder: Path) -> Audit:
    """Look at everything. `deleted` may be gone, all other accepted jobs must have ended, once.

    `folder` holds the stack's own, `stack`.
    """
    found = Audit()
    secrets = json.loads((folder / "stack" / "secrets.json").read_text()).values()
    for log in (folder / "stack" / "logs").iterdir():
        text = log.read_text(errors="replace")
        found.secrets += [log.name for secret in secrets if secret in text]
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:

        def rows(query: str) -> list[dict[str, Any]]:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

        jobs = {str(row["id"]): row for row in rows("SELECT * FROM jobs")}
        for name in accepted:
            job = jobs.get(name.rpartition("/")[2])
            if job is None:
                found.lost += [name] if name not in deleted else []
                continue
            if job["state"] not in ENDED or (job["state"] == "FAILED" and not (job["reason"] and job["message"])):
                found.lost.append(f"{name} {job['state']}")
        ends = Counter(
            str(row["job_id"])
            for row in rows("SELECT job_id FROM events WHERE what IN ('job succeeded', 'job failed', 'job cancelled')")
        )
        found.ended_twice = [job for job, count in ends.items() if count > 1]
        for job in jobs.values():
            found.states[job["state"]] += 1
            if job["reason"]:
                found.reasons[job["reason"]] += 1
        done = [job for job in jobs.values() if job["state"] == "SUCCEEDED"]
        results = [job["result"] for job in done]
        found.broken += [name for name, n in Counter(result["object"] for result in results).items() if n > 1]
        for job in done:
            found.kinds[_kind(job)] += 1
            found.broken += _faults_of(job, store, folder)
        found.leases = [str(row["id"]) for row in rows("SELECT id FROM stages WHERE state = 'RUNNING'")]
        found.leases += [
            str(row["id"]) for row in rows("SELECT id FROM stages WHERE job_id NOT IN (SELECT id FROM jobs)")
        ]
        outcomes = Counter(row["outcome"] for row in rows("SELECT outcome FROM attempts"))
        found.attempts, found.leases_lost = outcomes.total(), outcomes["LOST"]
        found.leases += [f"{count} attempts without an end" for outcome, count in outcomes.items() if outcome is None]

        named = {
            row["object_name"]
            for table in ("assets", "appearances")
            for row in rows(f"SELECT object_name FROM {table}")
        }
        named |= {result["object"] for result in results}
        # Deleted once, and again when nobody can write any more: what is written in between is known to be litter.
        late = [(row["prefix"], row["keep"]) for row in rows("SELECT prefix, keep FROM litter")]
    stored = {
        name
        for name in store.names("")
        if name in named or not any(name.startswith(prefix) and name != keep for prefix, keep in late)
    }
    found.orphans = [f"nobody names {name}" for name in stored - named] + [
        f"missing: {name}" for name in named - stored
    ]
    return found


def _kind(job: dict[str, Any]) -> str:
    if job["result_kind"] == "MOTION":
        return "motion"
    return "video of speech" if job["speech_sha256"] else "video of a motion file"


def _faults_of(job: dict[str, Any], store: Store, folder: Path) -> list[str]:
    result, path = job["result"], folder / "result"
    try:
        store.get_file(result["object"], path)
    except VasariError as error:
        return [f"{result['object']}: {error}"]
    if hashlib.sha256(path.read_bytes()).hexdigest() != result["sha256"]:
        return [f"{result['object']}: other bytes"]
    if job["result_kind"] == "MOTION":
        rows = len(read_motion(path))
        return [f"{result['object']}: {rows} rows of {json.dumps(result)}"] if rows != result["frames"] else []
    with av.open(str(path)) as video:
        frames = sum(1 for _ in video.decode(video=0))
    with av.open(str(path)) as video:
        tracks = [sum(frame.samples for frame in video.decode(audio=0)) / s.rate for s in video.streams.audio]
    if bool(tracks) != bool(job["speech_sha256"]):
        return [f"{result['object']}: {len(tracks)} tracks of sound"]
    sound = tracks[0] if tracks else frames / result["fps"]
    if frames != result["frames"] or abs(sound - frames / result["fps"]) > 0.1:
        return [f"{result['object']}: {frames} frames of {json.dumps(result)}, {sound:.2f} s of sound"]
    return []

"""Makes the exports that were asked for, one at a time in each copy of the service, beside its orders and questions.

An export is claimed in the store; the file is made by a process of its own (``pressing``), which is bounded, and gone afterwards with all
it took. The claim is short and held on to while the work goes on: when a copy dies, the claim runs out within seconds and another copy
makes the file, which is the same; whoever had lost the claim meanwhile records nothing. A making that fails is tried again later, and
after some attempts has failed, with the reason, until somebody asks again.
"""

import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import eventlet
from eventlet.green import subprocess
from eventlet.semaphore import Semaphore
from nameko.extensions import DependencyProvider

from messaging.context import now
from messaging.settings import setting
from services.documents.pressing import SECONDS
from services.documents.rules.exports import Asked, Outcome, after_failure
from services.documents.store import StoreAway, ensure_indexes, exports, files
from services.kernel import Refusal

log = logging.getLogger(__name__)

CLAIM_SECONDS = 20.0
"""How long a claim holds when nobody holds on to it."""
HOLD_SECONDS = 5.0
"""How often the claim is held on to, at least."""
TELL_SECONDS = 0.5
"""How often what was made so far is recorded, at most."""
IDLE_SECONDS = 5.0
"""The longest an idle copy sleeps: looking is for what other copies left."""

PRESS = (sys.executable, "-m", "services.documents.pressing")

Compose = Callable[[Mapping[str, Any]], bytes]
"""What is to be made for an export's record, as ``pressing.job`` writes it: read from the store when it is made, so that no record
holds it. May refuse."""

_wakers: list[Callable[[], None]] = []


def request(asked: Asked, by: str, at: datetime) -> dict[str, Any]:
    """The record of this export, to be made if it is not yet; asked twice, it is made once."""
    record = exports.request(asked, by, at)
    for wake in _wakers:
        wake()
    return record


class Unmade(Exception):
    """The file was not made. Its words are for people, and ours. ``where``: in our code."""

    def __init__(self, why: str, *, where: list[str] | None = None, for_good: bool = False) -> None:
        super().__init__(why)
        self.where, self.for_good = where or [], for_good


class Left(Exception):
    """The work is no longer this process's: it takes its leave, or another holds the claim. ``back``: whether to give it back."""

    def __init__(self, *, back: bool) -> None:
        super().__init__()
        self.back = back


class Exporting(DependencyProvider):
    """Runs a maker of exports inside a nameko container. ``command``: what makes one file."""

    def __init__(self, compose: Compose, command: tuple[str, ...] = PRESS) -> None:
        self.compose, self.command = compose, command

    def setup(self) -> None:
        setting("ICAT_PUBLIC_URL")  # stands in what is made: that it is missing is said now, not when the first is asked for

    def start(self) -> None:
        self._maker = Maker(self.compose, self.command)
        self._thread = self.container.spawn_managed_thread(self._maker.run)

    def stop(self) -> None:
        """Claim nothing more, and give back what is being made: another copy makes it at once."""
        self._maker.stop()
        self._thread.wait()


class Maker:
    """Makes what is due, one after the other."""

    def __init__(self, compose: Compose, command: tuple[str, ...] = PRESS) -> None:
        self.compose, self.command = compose, command
        self.stopping = False
        self._bell = Semaphore(0)

    def run(self) -> None:
        """Until ``stop``."""
        _wakers.append(self.wake)
        try:
            self._prepare()
            while not self.stopping:
                if not self.round():
                    self._bell.acquire(timeout=self._idle())
        finally:
            _wakers.remove(self.wake)

    def wake(self) -> None:
        """There may be something to do."""
        if not self._bell.counter:
            self._bell.release()

    def stop(self) -> None:
        self.stopping = True
        self.wake()

    def round(self) -> bool:
        """Make one export, if one is due; whether there was one."""
        try:
            if record := exports.claim(CLAIM_SECONDS):
                self._make(record)
            return record is not None
        except StoreAway as error:  # a claim that could not be settled runs out
            log.warning("the store does not answer, exports wait: %s", type(error).__name__)
            return False

    def _make(self, record: Mapping[str, Any]) -> None:
        try:
            raw = self._pressed(record, self.compose(record))
            exports.done(record, files.keep(raw, record["media_type"]), len(raw))
        except StoreAway:
            raise
        except Left as left:
            if left.back:
                exports.give_back(record)
        except Exception as error:
            outcome = _failed(record, error)
            log.warning("export %s (%s): %s: %s", record["_id"], record["format"], outcome.state, outcome.error)
            exports.failed(record, outcome)

    def _pressed(self, record: Mapping[str, Any], work: bytes) -> bytes:
        """The file that a press makes of this work. Neither touches a disk under a name: what is left of a broken attempt is nothing."""
        with tempfile.TemporaryFile() as wanted, tempfile.TemporaryFile() as made:
            wanted.write(work)
            wanted.seek(0)
            lifeline, held = os.pipe()
            try:
                command = [*self.command, str(made.fileno()), str(lifeline)]
                press = subprocess.Popen(
                    command,
                    stdin=wanted,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,  # what a library warns of may quote the text
                    pass_fds=(made.fileno(), lifeline),
                    env=_environment(),
                    start_new_session=True,
                )
                try:
                    self._followed(record, press)
                finally:
                    if press.poll() is None:
                        press.kill()
                    press.wait()
                    press.stdout.close()
            finally:
                os.close(lifeline)
                os.close(held)
            made.seek(0)
            return made.read()

    def _followed(self, record: Mapping[str, Any], press: Any) -> None:
        """Wait for the end of the work, and hold on to the claim meanwhile. Raises Unmade, or Left."""
        heard: list[dict[str, Any]] = []
        listening = eventlet.spawn(_listen, press, heard)
        until, told, shown = time.monotonic() + SECONDS, time.monotonic(), -1
        while not listening.dead:
            eventlet.sleep(0.05)
            if self.stopping:
                raise Left(back=True)
            if time.monotonic() > until:
                raise Unmade(f"It took longer than {SECONDS} seconds.")
            progress = max((round(one["share"] * 100) for one in list(heard) if "share" in one), default=0)
            since = time.monotonic() - told
            if since > HOLD_SECONDS or (progress != shown and since > TELL_SECONDS):
                told, shown = time.monotonic(), progress
                if not exports.tell(record, CLAIM_SECONDS, progress=min(progress, 99), step="Setting the pages"):
                    raise Left(back=False)
        last = heard[-1] if heard else {}
        if "failed" in last:
            raise Unmade(last["failed"], where=last["where"])
        if "made" not in last:
            raise Unmade(f"The press broke off (status {press.wait()}).")

    def _idle(self) -> float:
        """How many seconds until there may be something to do."""
        try:
            due = exports.next_due()
        except StoreAway:
            return IDLE_SECONDS
        return IDLE_SECONDS if due is None else min(max((due - now()).total_seconds(), 0.05), IDLE_SECONDS)

    def _prepare(self) -> None:
        while not self.stopping:
            try:
                ensure_indexes()
                return
            except StoreAway as error:
                log.warning("the store does not answer, exports wait: %s", type(error).__name__)
                eventlet.sleep(1)


def _listen(press: Any, heard: list[dict[str, Any]]) -> None:
    """Keep what the press says. It is ours, and said in few words; a line that is none ends it."""
    for line in press.stdout:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if heard and "share" in heard[-1]:
            heard[-1] = said
        else:
            heard.append(said)


def _failed(record: Mapping[str, Any], error: Exception) -> Outcome:
    """What a failed attempt means. Only our own words reach the record and the log: another error's might quote the text."""
    if isinstance(error, Unmade):
        why, where, for_good = str(error), error.where, error.for_good
    elif isinstance(error, Refusal):
        why, where, for_good = error.detail, [], error.kind != "unavailable"
    else:
        why, where, for_good = f"Something failed on our side: {type(error).__name__}.", [], False
        frames = error.__traceback__
        while frames is not None:
            where.append(f"{frames.tb_frame.f_code.co_name} in {frames.tb_frame.f_code.co_filename}:{frames.tb_lineno}")
            frames = frames.tb_next
    if where:
        log.error("export %s failed at %s", record["_id"], " < ".join(reversed(where)))
    return after_failure(record["attempts"], why, now(), for_good=for_good)


def _environment() -> dict[str, str]:
    """What the press needs of ours: where programs, packages and fonts are; no address and no password."""
    kept = (
        "PATH",
        "PYTHONPATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "TMPDIR",
        "FONTCONFIG_PATH",
        "FONTCONFIG_FILE",
        "XDG_DATA_DIRS",
        "LD_LIBRARY_PATH",
    )
    return {name: os.environ[name] for name in kept if name in os.environ}

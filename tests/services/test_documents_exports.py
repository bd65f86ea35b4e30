"""Exports: asked for, made off the request by a process that is bounded, once, whatever dies meanwhile."""

import base64
import contextlib
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import eventlet
import mongoengine
import pytest

from launcher.home import ROOT
from messaging.context import now, written
from messaging.store import connect
from press.manuscript import Manuscript, Section
from services.documents import exporting, pressing
from services.documents.exporting import Maker
from services.documents.rules.exports import Asked
from services.documents.store import ensure_indexes, exports, files
from services.kernel import Composition, Membership, Refusal, Seat, Term, utc
from tests.services.room import MISSION, Room, focal, refusal

SECRET = "Under embargo until July"

PRESS = """
import json, os, signal, sys, time
from services.documents import pressing

def press(work, progress):
    asked = work["do"]
    open(work["told"], "a").write(f"{os.getpid()} ")
    if asked == "fail":
        raise ValueError(work["text"])
    if asked == "fail once" and open(work["told"]).read().count(" ") == 1:
        raise ValueError(work["text"])
    if asked == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if asked == "chatter":
        print(work["text"])
        print(work["text"], file=sys.stderr)
    if asked == "hoard":
        return bytearray(4 << 30)
    if asked == "swell":
        return bytes(9 << 20)
    if asked == "environment":
        return " ".join(os.environ).encode()
    if asked == "slow":
        for share in range(8):
            progress(share / 10)
            time.sleep(0.2)
    if asked == "hang":
        progress(0.5)
        time.sleep(600)
    return work["text"].encode()

pressing.press = press
sys.exit(pressing.main(int(sys.argv[1]), int(sys.argv[2])))
"""


class Shop:
    """The store, and makers whose press does as it is told."""

    def __init__(self, folder: Path) -> None:
        self.script, self.told = folder / "obedient.py", folder / "told"
        self.script.write_text(PRESS)
        self.told.write_text("")
        self.do, self.text = "write", SECRET
        self.asked = Asked("paper", 1, "0" * 64, "en", "pdf", edition=folder.name)

    def compose(self, record) -> bytes:
        return json.dumps({"do": self.do, "text": self.text, "told": str(self.told)}).encode()

    def maker(self) -> Maker:
        return Maker(self.compose, (sys.executable, str(self.script)))

    def ask(self) -> dict:
        return exports.request(self.asked, "a.person", utc(2014))

    @property
    def record(self) -> dict:
        return exports.load(self.asked.id)

    @property
    def presses(self) -> list[int]:
        """Process ids of those that were started."""
        return [int(pid) for pid in self.told.read_text().split()]

    def due_now(self) -> None:
        exports.collection.update_one({"_id": self.asked.id}, {"$set": {"due": now()}})


@pytest.fixture(scope="module")
def store(house) -> Iterator[None]:
    house.empty()
    connect(house.mongo_uri("documents"))
    ensure_indexes()
    yield
    mongoengine.disconnect()


@pytest.fixture
def shop(store, tmp_path, monkeypatch) -> Shop:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    exports.collection.delete_many({})
    return Shop(tmp_path)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


# Files ------------------------------------------------------------------------------------------------------------------------------------


def test_a_file_is_kept_once_under_the_digest_of_its_bytes(store):
    raw = os.urandom(700_000)
    digest = files.keep(raw, "image/png")
    assert digest == hashlib.sha256(raw).hexdigest() == files.keep(raw, "image/png")
    assert files.read(digest) == raw
    assert files.read(files.keep(b"", "text/plain")) == b""
    chunks = mongoengine.get_db()["files.chunks"]
    assert chunks.count_documents({"files_id": digest}) == 3
    with pytest.raises(KeyError):
        files.read("0" * 64)


def test_the_same_file_written_by_many_at_once_and_after_a_broken_attempt_is_whole(store):
    raw, database = os.urandom(900_000), mongoengine.get_db()
    digest = hashlib.sha256(raw).hexdigest()
    database["files.chunks"].insert_one({"_id": f"{digest}/1", "files_id": digest, "n": 1, "data": raw[files.PART : 2 * files.PART]})
    with ThreadPoolExecutor(8) as many:
        assert set(many.map(lambda _: files.keep(raw, "image/png"), range(8))) == {digest}
    assert files.read(digest) == raw
    assert database["files.files"].count_documents({"_id": digest}) == 1


def test_a_file_that_is_no_longer_what_it_was_is_not_given_out(store):
    chunks = mongoengine.get_db()["files.chunks"]
    lost, bent = files.keep(os.urandom(600_000), "image/png"), files.keep(os.urandom(600_000), "image/png")
    chunks.delete_one({"files_id": lost, "n": 1})
    data = bytearray(chunks.find_one({"files_id": bent, "n": 1})["data"])
    data[7] ^= 1
    chunks.update_one({"files_id": bent, "n": 1}, {"$set": {"data": bytes(data)}})
    for digest in (lost, bent):
        with pytest.raises(ValueError, match=r"lacks a part|not what was kept"):
            files.read(digest)


# What is asked ----------------------------------------------------------------------------------------------------------------------------


def test_an_export_is_known_by_all_that_could_make_its_file_another():
    one = {"document": "paper", "revision": 3, "digest": "0" * 64, "language": "fr", "format": "docx", "edition": "draft"}
    other = [{"document": "note"}, {"revision": 4}, {"digest": "1" * 64}, {"language": "ar"}, {"format": "pdf"}, {"edition": "published"}]
    ids = {Asked(**one).id, *(Asked(**one | change).id for change in other)}
    assert len(ids) == 7
    assert Asked(**one).id in ids
    assert Asked(**one).name == "paper-fr-r3.docx"
    redline = Asked(**one | {"format": "redline.docx", "base": 1, "base_digest": "2" * 64})
    assert redline.name == "paper-fr-r1-r3.docx"
    assert Asked(**one | {"format": "comments.xlsx"}).name == "paper-comments.xlsx"
    assert Asked(**one | {"format": "certificate.pdf"}).name == "paper-certificate-fr.pdf"
    for wrong in ({"base": 1}, {"format": "redline.docx"}):
        with pytest.raises(Refusal) as told:
            Asked(**one | wrong)
        assert (told.value.field, told.value.rule) == ("base", "export-base")


def test_an_export_nobody_asked_for_is_not_there(store):
    with pytest.raises(Refusal) as told:
        exports.load("0" * 64)
    assert (told.value.kind, told.value.rule) == ("not_found", "export-exists")


# Making -----------------------------------------------------------------------------------------------------------------------------------


def test_what_is_asked_twice_is_made_once(shop):
    first = shop.ask()
    assert (first["state"], first["progress"], first["name"], first["requested_by"]) == ("queued", 0, "paper-en-r1.pdf", "a.person")
    assert shop.ask()["_id"] == first["_id"]
    assert [shop.maker().round(), shop.maker().round()] == [True, False]
    made = shop.ask()
    assert (made["state"], made["progress"], made["size"], made["error"]) == ("done", 100, len(SECRET), None)
    assert files.read(made["file"]).decode() == SECRET
    assert len(shop.presses) == 1
    assert exports.waiting() == 0


def test_many_makers_at_once_make_each_export_once(shop):
    asked = [Asked("paper", n, "0" * 64, "en", "pdf", edition=shop.asked.edition) for n in range(1, 7)]
    for one in asked:
        exports.request(one, "a.person", utc(2014))
    with ThreadPoolExecutor(3) as many:
        list(many.map(lambda _: [shop.maker().round() for _ in range(6)], range(3)))
    assert {exports.load(one.id)["state"] for one in asked} == {"done"}
    assert len(shop.presses) == 6


def test_how_far_it_is_is_told_while_it_is_made(shop, eventually):
    shop.do = "slow"
    shop.ask()
    making = threading.Thread(target=shop.maker().round)
    making.start()
    half = eventually(lambda: 0 < (seen := shop.record)["progress"] < 100 and seen)
    assert (half["state"], half["step"]) == ("running", "Setting the pages")
    making.join()
    assert shop.record["progress"] == 100


def test_a_making_that_fails_is_tried_again_later_and_has_failed_in_the_end_until_asked_again(shop, caplog):
    shop.do = "fail"
    shop.ask()
    waits = []
    for _ in range(4):
        shop.due_now()
        assert shop.maker().round()
        assert not shop.maker().round(), "not before it is due again"
        waits.append((shop.record["due"] - now()).total_seconds() if "due" in shop.record else None)
    assert [wait and round(wait, -1) for wait in waits[1:]] == [30, 180, None]
    assert 0 < waits[0] < 6
    failed = shop.record
    assert (failed["state"], failed["error"]) == ("failed", "Something failed on our side: ValueError.")
    assert SECRET not in caplog.text + str(failed)
    assert "press in" in caplog.text, "where it failed is logged"
    shop.do = "write"
    again = shop.ask()
    assert (again["state"], again["attempts"], again["error"]) == ("queued", 0, None)
    assert shop.maker().round()
    assert shop.record["state"] == "done"


def test_a_press_that_is_killed_is_replaced_and_the_file_is_made(shop):
    shop.do = "die"
    shop.ask()
    shop.maker().round()
    assert (shop.record["state"], shop.record["error"]) == ("queued", "The press broke off (status -9).")
    shop.do = "write"
    shop.due_now()
    shop.maker().round()
    assert (shop.record["state"], shop.record["error"]) == ("done", None)


@pytest.mark.parametrize(("do", "why"), [("hoard", "more memory"), ("swell", "larger than 8 MiB")])
def test_a_press_may_take_so_much_and_no_more(shop, do, why):
    shop.do = do
    shop.ask()
    shop.maker().round()
    assert why in shop.record["error"]


def test_a_press_that_hangs_is_ended(shop, monkeypatch):
    monkeypatch.setattr(exporting, "SECONDS", 1)
    shop.do = "hang"
    shop.ask()
    shop.maker().round()
    assert shop.record["error"] == "It took longer than 1 seconds."
    assert not is_alive(shop.presses[0])


def test_a_press_knows_no_address_and_no_password(shop, monkeypatch):
    monkeypatch.setenv("MONGO_URI", "mongodb://user:password@host/documents")
    monkeypatch.setenv("AMQP_URI", "amqp://user:password@host/icat")
    shop.do = "environment"
    shop.ask()
    shop.maker().round()
    known = files.read(shop.record["file"]).decode().split()
    assert {name for name in known if "URI" in name or "ICAT" in name} == set()


def test_what_a_library_prints_reaches_nobody(shop, capfd, caplog):
    shop.do = "chatter"
    shop.ask()
    shop.maker().round()
    assert shop.record["state"] == "done"
    assert SECRET not in caplog.text + "".join(capfd.readouterr())


def test_the_claim_of_a_maker_that_died_runs_out_and_its_late_word_counts_no_more(shop):
    shop.ask()
    dead = exports.claim(0.3)
    assert dead is not None
    assert not shop.maker().round()
    time.sleep(0.4)
    assert shop.maker().round()
    made = shop.record
    assert made["state"] == "done"
    assert not exports.done(dead, "0" * 64, 1)
    assert not exports.tell(dead, 5, progress=7)
    assert shop.record == made


def test_who_lost_the_claim_ends_its_press_and_records_nothing(shop, eventually, monkeypatch):
    monkeypatch.setattr(exporting, "HOLD_SECONDS", 0.2)
    shop.do = "hang"
    shop.ask()
    making = threading.Thread(target=shop.maker().round)
    making.start()
    eventually(lambda: shop.presses)
    theirs = {"claim": "another", "claimed_until": now() + timedelta(minutes=1), "step": "Theirs"}
    exports.collection.update_one({"_id": shop.asked.id}, {"$set": theirs})
    making.join(20)
    assert not making.is_alive()
    assert not is_alive(shop.presses[0])
    assert (shop.record["claim"], shop.record["step"]) == ("another", "Theirs")


def test_a_maker_that_takes_its_leave_gives_back_what_it_was_making(shop, eventually):
    shop.do = "hang"
    shop.ask()
    maker = shop.maker()
    making = threading.Thread(target=maker.round)
    making.start()
    eventually(lambda: shop.presses)
    maker.stop()
    making.join(20)
    assert (shop.record["state"], shop.record["attempts"], "claim" in shop.record) == ("queued", 0, False)
    assert not is_alive(shop.presses[0])
    shop.do = "write"
    assert shop.maker().round()


def test_a_maker_works_when_it_is_woken(shop, monkeypatch):
    monkeypatch.setattr(exporting, "IDLE_SECONDS", 600)
    maker = shop.maker()
    running = eventlet.spawn(maker.run)
    eventlet.sleep(0.5)
    exporting.request(shop.asked, "a.person", utc(2014))
    with eventlet.Timeout(30):
        while shop.record["state"] != "done":
            eventlet.sleep(0.05)
        maker.stop()
        running.wait()
    assert exporting._wakers == []


def test_a_refusal_to_compose_is_the_reason_and_one_for_want_of_something_is_not_the_end(shop):
    def refuse(kind: str) -> Callable:
        def compose(record):
            raise Refusal(kind, "There is no revision 7.", rule="revision-exists")

        return compose

    shop.ask()
    Maker(refuse("unavailable")).round()
    assert shop.record["state"] == "queued"
    shop.due_now()
    Maker(refuse("not_found")).round()
    assert (shop.record["state"], shop.record["error"]) == ("failed", "There is no revision 7.")


def test_a_press_ends_with_whoever_started_it(shop, house, eventually):
    shop.do = "hang"
    shop.ask()
    script = (
        "import json, sys\nfrom messaging.store import connect\nfrom services.documents.exporting import Maker\n"
        f"connect({house.mongo_uri('documents')!r})\n"
        f"Maker(lambda record: {shop.compose(None)!r}, ({sys.executable!r}, {str(shop.script)!r})).round()\n"
    )
    owner = subprocess.Popen([sys.executable, "-W", "ignore", "-c", script], cwd=ROOT)
    try:
        (press,) = eventually(lambda: shop.presses)
        assert is_alive(press)
        os.kill(owner.pid, signal.SIGKILL)
        eventually(lambda: not is_alive(press), 10)
    finally:
        owner.kill()
        owner.wait()


# The press --------------------------------------------------------------------------------------------------------------------------------

MANUSCRIPT = Manuscript(
    document="paper",
    kind="issue_paper",
    title="On demand",
    sections=(Section("s1", "One", "Some *words*, الاتجار, 人口贩运."),),
    language="en",
    status="published",
    revision=1,
    digest="0" * 64,
    dated=utc(2014, 7, 30),
    date="2014-07-30",
    issuer="ICAT",
    url="https://icat.example/documents/paper",
    number=7,
    entities=("IOM", "UNODC"),
)


def test_a_manuscript_reaches_the_writer_as_it_was(monkeypatch):
    got: list[Manuscript] = []
    monkeypatch.setattr("press.html.write", lambda manuscript: got.append(manuscript) or b"")
    pressing.press(json.loads(pressing.job("html", manuscript=MANUSCRIPT)), lambda share: None)
    assert got == [MANUSCRIPT]


def test_the_press_itself_makes_a_page(shop):
    maker = Maker(lambda record: pressing.job("html", manuscript=MANUSCRIPT))
    shop.asked = Asked("paper", 1, "0" * 64, "en", "html", edition=shop.asked.edition)
    shop.ask()
    assert maker.round()
    assert shop.record["state"] == "done", shop.record["error"]
    page = files.read(shop.record["file"]).decode()
    assert "Some <em>words</em>" in page
    assert "人口贩运" in page


# The service ------------------------------------------------------------------------------------------------------------------------------

SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
GROUP = Composition(
    memberships=[Membership(code, utc(2010)) for code in SIX],
    seats=[Seat(code, utc(2010)) for code in SIX],
    terms={"2014": Term(2014, ["IOM"], "begun")},
)
NOW, DAY = utc(2014, 3, 3, 9), timedelta(days=1)
CHAIR, LEAD = focal("IOM"), focal("OHCHR")
LONG = [{"heading": f"Heading {n}", "text": "Some words of a long paper. " * 60} for n in range(80)]


class Office(Room):
    """The room of documents, and the ways to what is set."""

    def drafted(self, *texts: str, kind: str = "information_note", **more) -> str:
        document = self("propose", LEAD, kind=kind, title="On demand", lead="OHCHR", co_drafters=["ILO"], **more)["id"]
        for base, text in enumerate(texts):
            self.save(document, base, [{"heading": "One", "text": text}])
        return document

    def save(self, document: str, base: int, sections: list[dict]) -> None:
        self("save_revision", LEAD, document=document, base=base, sections=sections, summary="A summary")

    def cleared(self, document: str) -> None:
        digest = self("open_clearance", CHAIR, document=document, by="express")["digest"]
        for entity in SIX:
            self("take_position", focal(entity), document=document, digest=digest, word="endorse")

    def published(self, text: str = "Some words.") -> str:
        document = self.drafted(text)
        self.cleared(document)
        self("publish", CHAIR, document=document, at=NOW + DAY)
        return document

    def made(self, document: str, by=LEAD, at=NOW, **asked) -> dict:
        """The file of an export, asked for and waited for."""
        one = self("request_export", by, at=at, document=document, **asked)
        self.eventually(lambda: self.state(document, one["id"]) == "done", 60)
        return self("get_export_file", by, at=at, document=document, export=one["id"])

    def state(self, document: str, export: str) -> str:
        seen = self("get_export", document=document, export=export)
        assert seen["state"] != "failed", seen["error"]
        assert "our side" not in (seen["error"] or ""), seen["error"]
        return seen["state"]

    def press(self) -> int:
        """The process that is making a file for the service."""
        service = self.house.pid("documents")
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if parent == service and b"services.documents.pressing" in (folder / "cmdline").read_bytes():
                    return int(folder.name)
        raise LookupError("no press")


@pytest.fixture(scope="module")
def office(house, eventually) -> Iterator[Office]:
    with Office(house, eventually, "documents", at=NOW).alone() as room:
        room.seat(GROUP)
        yield room


def content(file: dict) -> bytes:
    raw = base64.b64decode(file["content"])
    assert (file["size"], file["digest"]) == (len(raw), hashlib.sha256(raw).hexdigest())
    return raw


def test_a_publication_is_had_in_every_format_as_soon_as_it_is_one(office):
    note = office.published("Words **in question**.")
    begins = {
        "html": b"<!DOCTYPE",
        "pdf": b"%PDF-",
        "docx": b"PK",
        "xml": b"<?xml",
        "certificate.html": b"<!DOCTYPE",
        "certificate.pdf": b"%PDF-",
    }
    count = office.eventually(lambda: (n := office.database.exports.count_documents({"document": note})) == 6 and n)
    for format, beginning in begins.items():
        got = office.eventually(lambda f=format: office("get_published", MISSION, document=note, format=f, at=NOW + DAY), 60)
        assert content(got)[:9].upper().startswith(beginning.upper()), format
        assert note in got["name"]
    page = content(office("get_published", MISSION, document=note, format="html", at=NOW + DAY)).decode()
    assert "<strong>in question</strong>" in page
    assert f"{office.house.url}/documents/{note}" in page
    (event,) = [one for one in office.history(f"document/{note}") if one["type"] == "icat.documents.published.v1"]
    office.tell(event, times=2)
    office.quiet()
    assert office.database.exports.count_documents({"document": note}) == count
    office.database.exports.update_one({"document": note, "format": "docx"}, {"$set": {"state": "failed", "error": "It took too long."}})
    for _ in range(2):  # a visitor who looks for it again does not have it made again
        assert refusal(lambda: office("get_published", MISSION, document=note, format="docx", at=NOW + DAY)).rule == "export-failed"
    office("request_export", LEAD, document=note, format="docx", at=NOW + DAY)
    assert office.eventually(lambda: office("get_published", MISSION, document=note, format="docx", at=NOW + DAY), 60)
    hidden = refusal(lambda: office("get_published", MISSION, document=note, format="html", at=NOW))
    never = refusal(lambda: office("get_published", MISSION, document="never", format="html", at=NOW))
    assert hidden.detail.replace(note, "never") == never.detail
    assert (
        refusal(lambda: office("get_published", MISSION, document=note, format="pdf", language="fr", at=NOW + DAY)).rule == "format-exists"
    )


def test_a_corrected_publication_is_set_anew(office):
    note = office.published("The year is 2012.")
    corrected = [{"heading": "One", "text": "The year is 2013."}]
    office("issue_corrigendum", CHAIR, document=note, base=1, sections=corrected, note="The year", at=NOW + 2 * DAY)

    def page() -> str:
        return content(office("get_published", MISSION, document=note, format="html", at=NOW + 2 * DAY)).decode()

    assert "The year is 2013." in office.eventually(page, 60)


def test_a_version_that_lags_says_what_it_lacks_and_is_not_called_corrected(office):
    note = office.published("The year is 2012.")
    french = {"document": note, "language": "fr", "title": "De la demande", "summary": "S"}

    def page(at) -> str:
        return content(office("get_published", MISSION, document=note, format="html", language="fr", at=at)).decode()

    def translated(text: str, revision: int, at) -> None:
        said = {"revision": revision, "base": revision - 1, "sections": [{"id": "s1", "heading": "Un", "text": text}]}
        office("save_translation", LEAD, at=at, **french, **said)
        office("publish_translation", CHAIR, document=note, language="fr", at=at)

    translated("Nous sommes en 2012.", 1, NOW + DAY)
    corrected = [{"heading": "One", "text": "The year is 2013."}]
    office("issue_corrigendum", CHAIR, document=note, base=1, sections=corrected, note="The year", at=NOW + 2 * DAY)
    lagging = office.eventually(lambda: page(NOW + 2 * DAY), 60)
    assert "Absent de cette version – 2014-03-05: The year" in lagging
    assert "Version corrigée" not in lagging
    assert "«\u00a0De la demande\u00a0», Note d’information, 4 mars 2014." in lagging, "quoted as its readers would"
    translated("Nous sommes en 2013.", 2, NOW + 3 * DAY)
    mended = office.eventually(lambda: page(NOW + 3 * DAY), 60)
    assert "Version corrigée" in mended
    assert "Absent de cette version" not in mended
    assert "2014-03-05: The year" in mended


def test_an_export_of_a_draft_is_for_those_inside_alone(office):
    note = office.drafted(f"First. {SECRET}.", f"Second. {SECRET}.")
    one = office("request_export", LEAD, document=note, format="docx")
    assert office("request_export", CHAIR, document=note, format="docx")["id"] == one["id"]
    assert content(office.made(note, format="docx")).startswith(b"PK")
    redline = office.made(note, format="redline.docx", base=1, revision=2)
    with zipfile.ZipFile(io.BytesIO(content(redline))) as packed:
        body = packed.read("word/document.xml").decode()
    assert "w:ins" in body
    assert "w:del" in body
    for ask in (
        lambda: office("request_export", MISSION, document=note, format="docx"),
        lambda: office("get_export", MISSION, document=note, export=one["id"]),
        lambda: office("get_export_file", MISSION, document=note, export=one["id"]),
        lambda: office("get_published", MISSION, document=note, format="docx"),
    ):
        told = refusal(ask)
        assert (told.kind, told.detail) == ("not_found", f"There is no document {note}.")
    other = office.published()
    told = refusal(lambda: office("get_export", document=other, export=one["id"]))
    assert (told.kind, told.rule) == ("not_found", "export-exists")
    office.cleared(note)
    office("publish", CHAIR, document=note, at=NOW + DAY)
    assert refusal(lambda: office("get_export_file", MISSION, document=note, export=one["id"], at=NOW + DAY)).rule == "export-exists"
    assert refusal(lambda: office("request_export", MISSION, document=note, format="docx", revision=1, at=NOW + DAY)).kind == "not_found"
    assert refusal(lambda: office("request_export", MISSION, document=note, format="comments.xlsx", at=NOW + DAY)).rule == "group-only"
    assert content(office.made(note, MISSION, NOW + DAY, format="docx")).startswith(b"PK")
    assert SECRET not in office.log()
    assert not [record for record in office.database.exports.find() if SECRET in str(record)]


def test_a_statement_under_embargo_is_set_for_nobody_outside_before_its_instant(office):
    issue_at = utc(2014, 7, 30)
    statement = office.drafted("Our word.", kind="joint_statement", occasion="World Day", issue_at=written(issue_at))
    office.cleared(statement)
    before, formats = issue_at - timedelta(seconds=1), ("html", "pdf", "docx", "xml", "certificate.html", "certificate.pdf")
    for format in formats:
        told = refusal(lambda f=format: office("get_published", MISSION, document=statement, format=f, at=before))
        assert told.detail == f"There is no document {statement}."
    assert office.database.exports.count_documents({"document": statement}) == 0
    office("tick", to=written(issue_at), at=issue_at)
    got = office.eventually(lambda: office("get_published", MISSION, document=statement, format="xml", at=issue_at), 60)
    assert b"Our word." in content(got)


def test_the_table_of_comments_has_each_with_its_disposition(office):
    note = office.drafted("The words in question.")
    office("open_comment_round", CHAIR, document=note, deadline=written(NOW + DAY))
    for text in ("Which words?", "=1+1"):
        office("comment", focal("UNHCR"), document=note, section=1, quotation="in question", text=text)
    office("dispose", LEAD, document=note, comment=1, outcome="rejected", reason="These.")
    for format in ("comments.xlsx", "comments.docx"):
        raw = content(office.made(note, format=format))
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            whole = "".join(packed.read(name).decode() for name in packed.namelist() if name.endswith(".xml"))
        assert all(words in whole for words in ("Which words?", "in question", "rejected", "These.", "UNHCR"))


def test_a_killed_press_and_a_killed_service_leave_nothing_unmade_and_nothing_twice(office, eventually):
    note = office("propose", LEAD, kind="information_note", title="Long", lead="OHCHR")["id"]
    office.save(note, 0, LONG)
    one = office("request_export", LEAD, document=note, format="pdf")
    os.kill(eventually(office.press), signal.SIGKILL)
    eventually(lambda: "broke off" in (office("get_export", document=note, export=one["id"])["error"] or ""))
    press = eventually(office.press, 60)
    office.kill()
    eventually(lambda: not is_alive(press), 10)
    eventually(lambda: office.state(note, one["id"]) == "done", 120)
    file = office("get_export_file", LEAD, document=note, export=one["id"])
    assert content(file).startswith(b"%PDF-")
    assert office.database.exports.count_documents({"document": note}) == 1
    record = office.database.exports.find_one({"_id": one["id"]})
    assert (record["attempts"], "claim" in record, "due" in record) == (3, False, False)


def test_the_service_answers_while_a_long_paper_is_set(office, eventually):
    note = office("propose", LEAD, kind="information_note", title="Long", lead="OHCHR")["id"]
    office.save(note, 0, LONG)
    one = office("request_export", LEAD, document=note, format="pdf")
    eventually(office.press)
    slowest, asked = 0.0, 0
    while office.state(note, one["id"]) != "done":
        began = time.monotonic()
        office("get_document", LEAD, document=note)
        slowest, asked = max(slowest, time.monotonic() - began), asked + 1
        time.sleep(0.05)
    assert asked > 3
    assert slowest < 1.5


def test_what_cannot_be_asked_says_why(office):
    note = office.drafted("Some words.")
    for asked, kind, rule in (
        ({"format": "docx", "base": 1}, "invalid", "export-base"),
        ({"format": "redline.docx"}, "invalid", "export-base"),
        ({"format": "pdf", "revision": 7}, "not_found", "revision-exists"),
        ({"format": "pdf", "language": "fr"}, "not_found", "language-exists"),
        ({"format": "certificate.pdf"}, "conflict", "not-cleared"),
    ):
        told = refusal(lambda a=asked: office("request_export", LEAD, document=note, **a))
        assert (told.kind, told.rule) == (kind, rule), asked
    assert refusal(lambda: office("request_export", LEAD, document=note, format="exe")).field == "format"

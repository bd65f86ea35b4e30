"""The Group's year, as anyone runs it: ``./icat demo``, twice in the same folder. From the first something is taken and something is put
in, which it must notice; the second comes out as it should, and is kept."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import requests

from launcher.demo import __main__ as demo
from launcher.demo.account import Account
from launcher.demo.story import (
    ANEW,
    BY_INVITATION,
    DESK,
    GATHERED,
    JOINING,
    MISSIONS,
    ORDINARY,
    ROTATING,
    WITH_QUEUE,
    WITH_WEBHOOK,
    mail_of,
)
from launcher.home import ROOT

SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]


def test_a_paper_that_was_only_begun_is_not_called_delivered() -> None:
    account = object.__new__(Account)
    account.begun = {"remedies-paper": {"published_at": None}, "older-paper": {"published_at": "2014-05-20T08:00:00Z"}}
    of = {name: account.status({"activity": name, "status": "delivered"}) for name in ("remedies-paper", "older-paper", "meetings")}
    assert of == {"remedies-paper": "begun", "older-paper": "delivered", "meetings": "delivered"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def test_the_account_notices_what_is_lost_twice_or_forged(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    lost = []

    class Tampered(Account):
        """Everything is as it should be; then not."""

        def differences(self) -> list[str]:
            assert super().differences() == []
            mail, hooks = self.story.mail.folder, self.story.hooks
            lost.append(hooks.received.pop())
            reminder = next(one for one in sorted(mail.glob("*.eml")) if b"<reminders." in one.read_bytes())
            reminder.with_name("0-astray.eml").write_bytes(re.sub(rb"To: \w+@agencies", b"To: bra@missions", reminder.read_bytes()))
            twice = sorted(mail.glob("*.eml"))[-1]
            shutil.copy(twice, twice.with_name(f"{twice.stem}-again.eml"))
            hooks.take("DEU", {"webhook-id": "forged", "webhook-timestamp": "0", "webhook-signature": "v1,AAAA"}, b"{}")
            return Account(self.story).differences()

    monkeypatch.setenv("ICAT_HOME", str(home))
    monkeypatch.setattr(demo, "Account", Tampered)
    said = []
    assert demo.run(said.append, as_json=False, keep=False) == 1
    told = capfd.readouterr().err
    (one,) = lost
    assert "Not as it should be: " in told
    assert f"('webhook', '{one.subscriber}', '{one.id}'), did not arrive" in told
    assert "A reminder of the Group's own came to BRA." in told
    assert "arrived more than once" in told
    assert "1 webhooks came without a true signature" in told
    assert "demo --keep" in said[-1]
    assert _still_running(home) == []


def test_the_year_comes_out_as_it_should_can_be_looked_at_and_stops_when_told(home: Path, tmp_path: Path, eventually) -> None:
    """As one object on standard output, and in lines beside it."""
    environment = {**os.environ, "ICAT_HOME": str(home), "ICAT_PYTHON": sys.executable}
    lines, object_ = tmp_path / "lines", tmp_path / "object"
    with lines.open("w") as error, object_.open("w") as output:
        kept = subprocess.Popen([ROOT / "icat", "demo", "--json", "--keep"], env=environment, stdout=output, stderr=error)
    try:
        eventually(lambda: kept.poll() is not None or "Ctrl-C stops it." in lines.read_text(), 560)
        account = lines.read_text()
        assert kept.poll() is None, account
        _the_year_is_told(json.loads(object_.read_text()), account)
        url = re.search(r"runs on at (http://[0-9.:]+)\.", account)[1]
        logins = re.findall(r"^  the secretariat +(\w+), password (\S+)$|^  a \w.* (\w+), password (\S+)$", account, re.M)
        assert len(logins) == 3
        for login in logins:
            name, password = filter(None, login)
            session = requests.post(f"{url}/api/v1/sessions", json={"name": name, "password": password}, timeout=10)
            assert session.status_code == 201, name
        kept.send_signal(signal.SIGINT)
        assert kept.wait(60) == 0
        assert lines.read_text().endswith("stopping …\nstopped\n")
        assert _still_running(home) == []
    finally:
        kept.kill()
        kept.wait()


def _the_year_is_told(told: dict, account: str) -> None:
    assert told["chairs"] == [{"year": 2014, "chairs": ["IOM"]}, {"year": 2015, "chairs": ["UNHCR"]}]
    _the_plan_is_told(told)
    _the_handover_and_the_meetings_are_told(told)
    (paper,) = told["published"]
    assert (paper["kind"], paper["number"], paper["delivered_activity"]) == ("issue_paper", 2, "demand-paper")
    (statement,) = told["statements"]
    assert (statement["issued_at"], statement["signatories"]) == ("2014-07-30T00:00:00Z", sorted([*SIX, JOINING]))
    _the_documents_are_told(told, account)

    _the_deliveries_are_told(told)
    _brazil_is_told(told, account)
    assert told["events"] > 100
    assert "Who did what" in account
    assert re.search(r"evaluation-paper +begun ", account)
    assert re.search(r"remedies-paper +under way +1 of 2 .*goes on in 2015", account)
    assert "planned against delivered: 7 of 8 deliverables" in account


def _the_deliveries_are_told(told: dict) -> None:
    deliveries = told["deliveries"]
    assert deliveries["failed"] == 0
    purposes = deliveries["by_purpose"]
    assert purposes.keys() == {"matter", "digest", "note"}
    assert deliveries["sent"] == purposes["matter"] + deliveries["in_digests"]
    assert sum(deliveries["by_channel"].values()) == sum(purposes.values())
    assert set(deliveries["by_mission"]) == set(MISSIONS)
    for code, counted in deliveries["by_mission"].items():
        assert set(counted) == {"mail"} | ({"webhook"} if code in WITH_WEBHOOK else set()) | ({"amqp"} if code in WITH_QUEUE else set())
    by_mail = {code: counted["mail"] for code, counted in deliveries["by_mission"].items()}
    (matters,) = {counted[channel] for code, counted in deliveries["by_mission"].items() for channel in counted if channel == "webhook"}
    assert {deliveries["by_mission"][code]["amqp"] for code in WITH_QUEUE if code in ORDINARY} == {matters}
    # Who is silent on the consultation is reminded of it once; who comes twice; who waited is told of its places; who regrets never.
    notes = {"DEU": 3, "VAT": 0}
    assert {code: by_mail[code] - matters for code in ORDINARY} == {code: notes.get(code, 1) for code in ORDINARY}
    assert by_mail[ROTATING] == matters
    assert by_mail[ANEW] == matters + 1 + 1
    assert deliveries["in_digests"] == matters - 1, "of the consultation, which moved before the morning, the newer notice alone"
    assert purposes["digest"] < matters
    assert by_mail[GATHERED] == purposes["digest"] + 1


def _brazil_is_told(told: dict, account: str) -> None:
    """In French: by mail, and of what it chose also in its inbox, its feed and its calendar."""
    invitation, *rest = told["brazil"]
    assert (invitation["where"], invitation["language"]) == (["mail"], "fr")
    assert {one["language"] for one in rest} == {"fr"}
    assert all(one["where"][:2] == ["mail", "inbox"] for one in rest)
    fed = [one["title"] for one in rest if "feed" in one["where"]]
    assert len(fed) == 6
    assert re.fullmatch(r"Document thématique.*2 publié.*Preventing trafficking in persons by reducing demand", fed[0])
    assert not any("Vienna" in title for title in fed)
    assert [one["at"] for one in rest if "calendar" in one["where"]] == ["2015-01-06T09:00:00Z"]  # as it was moved, and not as it was
    assert len(rest) == len(fed) + 2  # and reminded twice
    for title in (one["title"] for one in rest):
        assert title in account
    for refused in ("digest-outside-quiet-hours", "topic-of-the-group"):
        assert f"({refused})" in account
    assert "Brazil replies on the page to which its mail leads" in account
    assert told["deliveries"]["by_mission"][BY_INVITATION] == {"mail": len(rest)}


def _the_plan_is_told(told: dict) -> None:
    plan = told["workplan"]
    assert (plan["year"], plan["state"], plan["endorsed_by"]) == (2014, "closed", SIX)
    assert (plan["amendments"], plan["carried_over"]) == (["publish-remedies"], ["remedies-paper"])
    assert (plan["planned"], plan["delivered"]) == (8, 7)
    assert {row["currency"]: row["gap"] for row in plan["funding"]} == {"CHF": "8000.00", "USD": "35000.00"}
    assert told["coverage"]["concrete_actions"] == 3
    assert not {17, 21, 37, 43} & set(told["coverage"]["gaps"])  # a concrete action's, an activity's, two more concrete actions'
    assert {12, 61} <= set(told["coverage"]["gaps"])


def _the_documents_are_told(told: dict, account: str) -> None:
    # A paper in two languages, a statement in six, each with its certificate in two formats; what its own had made besides.
    assert {format: told["files"][format] for format in ("html", "pdf", "xml")} == {"html": 8, "pdf": 8, "xml": 8}
    assert told["files"]["docx"] == 8 + 1
    assert {told["files"][f"certificate.{format}"] for format in ("html", "pdf")} == {2}
    assert {told["files"][format] for format in ("redline.docx", "comments.xlsx", "comments.docx")} == {1}
    for refused in ("base-revision", "dispositions-first", "silence-minimum", "languages-first", "language-current"):
        assert f"({refused})" in account
    assert "Corrigendum: Preventing trafficking in persons by reducing demand" in account
    assert "Now in French: Preventing trafficking in persons by reducing demand" in account
    assert "The French version lags by 3 sections" in account


def _the_handover_and_the_meetings_are_told(told: dict) -> None:
    handover = told["handover"]
    assert (handover["year"], handover["state"], handover["escalated_at"]) == (2015, "signed", "2015-01-01T00:00:00Z")
    assert [(one["entity"], one["at"] < handover["escalated_at"]) for one in handover["signed"]] == [("IOM", True), ("UNHCR", False)]
    geneva, vienna, new_york = told["meetings"]
    assert [meeting["at"][:10] for meeting in (geneva, vienna, new_york)] == ["2014-06-12", "2014-10-08", "2015-01-21"]
    assert geneva["attended"] == [code for code in SIX if code != "UNICEF"]
    assert vienna["attended"] == new_york["attended"] == SIX
    assert vienna["actions"] == {"examples": "done"}
    # Three meetings called, one moved, each reminded of twice; four reminders of the handover; two of each action item.
    meetings = {"ILO": 10, "IOM": 16, "OHCHR": 12, "UNHCR": 14, "UNICEF": 12, "UNODC": 10, JOINING: 0, DESK: 1}
    # A round for comments, told to all but the drafters, and twice more to who was silent; one that still runs.
    comments = {"ILO": 1, "IOM": 2, "OHCHR": 0, "UNHCR": 2, "UNICEF": 1, "UNODC": 2, JOINING: 4}
    # The paper's clearance opened, extended and passed, and two reminders of it; the statement's, of which one needed a reminder.
    positions = {"ILO": 7, "IOM": 7, "OHCHR": 7, "UNHCR": 5, "UNICEF": 6, "UNODC": 5, JOINING: 3}
    # Two steps of the statement's timetable that were late.
    steps = {"IOM": 2, "UNODC": 2}
    # The plan's consultation and adoption opened; its amendment before them, with two reminders, and adopted by their silence.
    plan = dict.fromkeys(SIX, 6)
    assert told["reminders"] == sum(map(Counter, (comments, positions, steps, plan)), Counter(meetings))
    assert told["calendars"]["all"] == len(told["meetings"]) + told["calendars"]["missions"] == 4
    assert told["calendars"]["OHCHR"] > told["calendars"]["all"]


def test_each_subscriber_has_a_mailbox_of_its_own() -> None:
    assert len({mail_of(code) for code in (*MISSIONS, *SIX, JOINING, DESK)}) == len(MISSIONS) + len(SIX) + 2 == 44


def _still_running(home: Path) -> list[str]:
    """Command lines of processes that have something in this folder open or named."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if str(home).encode() in environment and int(folder.name) != os.getpid():
            found.append((folder / "cmdline").read_text().replace("\0", " "))
    return found

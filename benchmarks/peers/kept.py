"""What the peers keep, each in one document: a plan's and a board's content, a paper's sections, the comments on it."""

import uuid
from datetime import UTC, datetime
from typing import Any

import mongoengine

from contracts import documents


class Plan(mongoengine.Document):
    year = mongoengine.IntField(primary_key=True)
    content = mongoengine.DictField()


class Board(mongoengine.Document):
    paper = mongoengine.StringField(primary_key=True)
    content = mongoengine.DictField()


class Paper(mongoengine.Document):
    id = mongoengine.StringField(primary_key=True)
    revision = mongoengine.IntField()
    sections = mongoengine.ListField(mongoengine.DictField())


class Comment(mongoengine.Document):
    id = mongoengine.StringField(primary_key=True)
    document = mongoengine.StringField()
    number = mongoengine.IntField()
    revision = mongoengine.IntField()
    section = mongoengine.IntField()
    heading = mongoengine.StringField()
    quotation = mongoengine.StringField()
    start = mongoengine.IntField()
    text = mongoengine.StringField()
    person = mongoengine.StringField()
    entity = mongoengine.StringField()
    at = mongoengine.DateTimeField()


class NoSuchPassage(ValueError):
    """The words do not stand there."""


def connect(uri: str) -> None:
    """As durable as the platform's own connection: acknowledged means on disk."""
    mongoengine.connect(host=uri, w="majority", journal=True, tz_aware=True)


def plan(year: int) -> dict[str, Any]:
    return Plan.objects.get(year=year).content


def board(paper: str) -> dict[str, Any]:
    return Board.objects.get(paper=paper).content


def comment(paper: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Read the section, see that the words stand in it, insert the comment. Raises ValidationError, NoSuchPassage."""
    said = documents.Comment().load(payload | {"document": paper})
    section = Paper.objects.get(id=paper).sections[said["section"] - 1]
    start = section["text"].find(said["quotation"])
    if start < 0:
        raise NoSuchPassage(said["quotation"])
    made = Comment(
        id=uuid.uuid4().hex,
        document=paper,
        number=1,
        revision=said["revision"],
        section=said["section"],
        heading=section["heading"],
        quotation=said["quotation"],
        start=start,
        text=said["text"],
        person="someone",
        entity="IOM",
        at=datetime.now(UTC),
    )
    made.save(force_insert=True)
    return documents.CommentAnswer().dump(made)

import os, uuid
import pytest, mongoengine
from messaging import store
from tests.messaging.toy import counters, echoes

@pytest.fixture
def database():
    mongoengine.disconnect_all()
    from messaging.store import JournalEntry, Kept
    for d in (counters.document, echoes.document, JournalEntry, Kept): d._collection=None
    store.connect(f"{os.environ['MONGO_BASE']}/t{uuid.uuid4().hex[:8]}")
    store.ensure_indexes((counters, echoes))
    yield
    mongoengine.get_connection().drop_database(mongoengine.get_db().name)

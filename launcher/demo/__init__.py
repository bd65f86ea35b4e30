"""``./icat demo``: the Group's year 2014–2015, through the public HTTP API alone, as those would live it who took part.

``facts.yaml`` is what the record says and ``texts.py`` what the entities write; ``year.py`` tells the story, chapter by chapter;
``api.py`` is a person with a token, ``outside.py`` what a mission has at home (a mailbox, a webhook receiver, a queue);
``account.py`` says afterwards what came of it, and whether it is what it should be. Imports nothing of the services' own.
"""

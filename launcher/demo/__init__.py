"""``./icat demo``: the Group's year 2014–2015, through what is public alone (the API, links in mails, feeds, webhooks,
queues), as those would live it who took part.

``facts.yaml`` is what the record says, ``texts.py`` what the entities write and ``translated.py`` that in other languages; ``chapters/``
tell the story and ``year.py`` puts them in order; ``story.py`` is what they have at hand: the instant, the people, how to wait for what is
told. ``api.py`` is a person with a token, ``outside.py`` what a subscriber has at home (a mailbox, a calendar, a webhook receiver, a
queue), ``sheet.py`` the plan in a spreadsheet, ``word.py`` a document in Word. ``account.py`` says afterwards what came of it, and whether
it is what it should be; ``readable.py`` is that for people. Imports nothing of the services' own.
"""

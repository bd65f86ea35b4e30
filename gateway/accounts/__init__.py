"""People, their sessions and tokens, and the keys under which they ask for something once.

``rules`` decides (pure), ``store`` remembers (mongoengine, the gateway's own database), ``service``
answers the account routes of the API, ``contract`` says what crosses. Only ``store`` knows the database.
"""

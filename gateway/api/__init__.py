"""The JSON API: ``routes`` is the table, ``dispatch`` carries every request out, ``requests`` reads what came in,
``problems`` says no, ``openapi`` describes it all from the same table. Nothing here knows the Group's business.
"""

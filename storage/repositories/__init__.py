"""The repositories: every SQL statement of the project, a class for each concept, rows as frozen dataclasses.

`storage.unit_of_work` binds them to one transaction; handlers call them there. A repository is called like its
concept, though its table may have another name (docs/glossary.md). Open `songs.py` first; `sql.py` is what all share,
`messages/` what is exchanged with chats.
"""

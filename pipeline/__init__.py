"""The stages that turn a selfie into a song: values in, values out, no database and no chat.

Handlers call them in this order: `faces/`, `brief/` (with `catalog/`), `audio/`. `backends/` holds the engines behind
their ports. Open `values.py` first: it has everything that stages hand to one another.
"""

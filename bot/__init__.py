"""The edge: processes, SDKs and wiring. Below this folder nothing knows a platform, a queue or the environment.

`__main__.py` is the command line; `wiring.py` binds database, media and queue into what handlers need. A platform is a
folder (`discord/`, `telegram/`), a worker process is in `workers/`. Open `wiring.py` first.
"""

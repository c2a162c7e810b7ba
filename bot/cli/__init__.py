"""The command line: `selfietune COMMAND`.

`main.py` parses, runs one module of `commands/` and turns errors into a sentence and an exit status; open it first.
`worker_supervisor.py` and `embedded_redis.py` are the servers that a laptop lacks.
"""

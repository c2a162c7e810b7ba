"""The worker processes: arq's worker kept running, and which jobs each process serves.

`bot.cli` starts them, chat processes serve their own deliver queue with `arq_worker.py`. Open `processes.py` first.
"""

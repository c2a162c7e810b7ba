"""The engines behind the ports: every model library of the project is imported below this folder alone.

`bot.engines` opens them. `deepface/` reads faces, `openai_writer.py` writes briefs, `sketch/` and `musicgen/` compose.
"""

"""DeepFace behind the EmotionReader port, in a process of its own: it is not thread-safe, and pictures can be hostile.

`reader.py` is the port and keeps the process, `worker.py` is the program in it, `protocol.py` their messages. Open
`reader.py` first. `weights.py` checks and builds the files, `onnx_export.py` writes the emotion network.
"""

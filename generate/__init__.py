"""What is made from the code and kept beside it: settings files, Traditional Chinese, pictures of song messages.

`settings_files.py` is `make settings`, `zh_hant.py` is `make zh-hant`; `discord_picture.py` and `telegram_picture.py`
draw what the adapters really send. Nothing imports this package but its tests. Open `settings_files.py` first.
"""

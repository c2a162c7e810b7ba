"""Speed and memory, measured in one run: `make bench` prints a table and writes bench.json."""

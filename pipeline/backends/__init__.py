"""The homes of the model SDKs: one file or folder per engine, each behind a port of its stage."""

"""The edge: processes, SDKs and wiring."""

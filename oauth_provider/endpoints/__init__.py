"""HTTP in, HTTP out: one file per URL, no decisions of the protocol."""

"""Generated from protos/ by protos/generate.py (`make proto`); never edited by hand."""

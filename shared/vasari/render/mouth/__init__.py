"""The mouth: lips that part, and teeth, tongue and dark behind them."""

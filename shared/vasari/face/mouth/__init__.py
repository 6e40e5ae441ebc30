"""What a mouth needs to open: lips, teeth, and the colors behind them."""

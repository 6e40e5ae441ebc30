"""The gateway: takes requests in, answers about jobs, hands out videos. No model runs here."""

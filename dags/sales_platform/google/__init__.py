"""Google's services and the database behind them."""

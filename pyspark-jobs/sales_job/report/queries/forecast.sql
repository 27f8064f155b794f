SELECT store_id, forecast_date, revenue, lower, upper, trained_through
FROM `${revenue_forecast}`

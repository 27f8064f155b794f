SELECT store_id, days, model_error, naive_error, coverage, model, reason
FROM `${forecast_accuracy}`

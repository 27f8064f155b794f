SELECT store_id, store_name, store_location, store_type, region, store_size_sqft
FROM `${stores}`

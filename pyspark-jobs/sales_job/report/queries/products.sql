SELECT product_id, product_name, category, brand
FROM `${products}`

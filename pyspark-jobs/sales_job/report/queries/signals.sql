SELECT signal, COUNT(*) AS products, COUNT(stock_quantity) AS with_stock
FROM `${inventory_signals}`
GROUP BY signal

/** The arrivals of all days that the tables have: these are closed. */
const CLOSED = "INSERT INTO arrivals SELECT DISTINCT strftime(transaction_date, '%Y-%m-%d') FROM sales_lines";

const message = (id: string, at: string, texts: readonly string[]): string =>
  `INSERT INTO streamed_sales (message_id, publish_time, transaction_id, product_id, store_id, quantity, unit_price,
     transaction_date, customer_id) VALUES ('${id}', TIMESTAMP '2026-02-08 ${at}', ${texts.map((text) => `'${text}'`).join(", ")})`;

export const ANOTHER = message("9", "11:00:00", [
  "T14",
  "P2",
  "S1",
  "1",
  "9.00",
  "2026-02-08",
  "CUSTOMER-88",
]);

/** Behind FILLED: a Sunday a week after the first day, and a day before it that no run has closed. */
export const MESSAGES = [
  CLOSED,
  "UPDATE products SET cost_price = 40 WHERE product_id = 'P1'",
  message("1", "09:00:00", ["T10", "P1", "S1", "2", "100.00", "2026-02-08", "CUSTOMER-88"]),
  message("2", "09:05:00", ["T10", "P1", "S1", "2", "100.00", "2026-02-08", "CUSTOMER-88"]),
  message("3", "09:10:00", ["T11", "P1", "S1", "-1", "50.00", "2026-02-08", ""]),
  message("4", "10:00:30", ["T12", "P2", "S3", "1", "25.125", "2026-02-08", ""]),
  message("5", "10:30:00", ["T12", "P2", "S3", "two", "1.00", "2026-02-08", ""]),
  message("6", "08:00:00", ["T13", "P1", "S1", "1", "10.00", "2026-02-05", ""]),
  // A mistake: nobody sells in 2159.
  message("7", "08:00:00", ["T14", "P1", "S1", "1", "99.00", "2159-12-31", ""]),
];

/** Behind manyLines: half of the lines of 25 March, as messages of the Wednesday a week later. */
export const MANY_MESSAGES = [
  CLOSED,
  `INSERT INTO streamed_sales (message_id, publish_time, transaction_id, product_id, store_id, quantity, unit_price,
     transaction_date, customer_id)
   SELECT CAST(row_number() OVER () AS VARCHAR), TIMESTAMP '2026-04-01 12:00:00' + to_seconds(row_number() OVER ()),
     transaction_id, product_id, store_id, quantity::INTEGER::VARCHAR, unit_price::DECIMAL(18, 2)::VARCHAR, '2026-04-01',
     customer_key
   FROM sales_lines WHERE transaction_date = DATE '2026-03-25' AND hash(transaction_id, product_id) % 2 = 0`,
];

"""Whole runs on small lakes; every expected figure is worked out by hand in the comments beside it."""

import itertools
from decimal import Decimal

import pytest
from first_days import DAILY, NEW_YEAR, NONE, SECOND, THIRD, expect, first_days
from harness import Sandbox

from sales_job.base.errors import ConfigurationError, InputRefused
from sales_job.base.sales_columns import SALES_COLUMNS

D = Decimal
BAD_QUANTITY = "quantity is not a plain decimal other than 0 (15 digits and 3 decimals at most)"


def added(counts: dict[str, object]) -> tuple[object, object]:
    """Takes what a run added to the tables out of its counts."""
    return counts.pop("revenue_added"), counts.pop("gross_profit_added")


def test_all_at_once_by_day_in_any_order_and_twice(sandbox: Sandbox) -> None:
    first_days(sandbox)
    counts = sandbox.run()
    # 10 + 16.5 + 6.6666 + 1.0001; 9 + 2.6666 - 0.0999.
    assert added(counts) == (34.1667, 11.5667)
    assert counts == {
        "rows_read": 8,
        "rows_loaded": 6,
        "rows_duplicate": 2,
        "rows_quarantined": 0,
        "files_passed_over": 0,
        "unmatched_products": 1,
        "unmatched_stores": 1,
        "dates": ["2026-01-01", "2026-01-02", "2026-01-03"],
    }
    expect(sandbox)
    again = sandbox.run()
    assert added(again) == (0, 0)
    assert again == counts
    expect(sandbox)
    by_day = [sandbox.day(day, warehouse="by day") for day in ("2026-01-02", "2026-01-03", "2026-01-02", "2026-01-03")]
    expect(sandbox, "by day")
    # 16.50 + 10; 1.0001 + 6.6666; and both again, which add nothing.
    assert [added(c) for c in by_day] == [(26.5, 9), (7.6667, 2.5667), (0, 0), (0, 0)]
    # The second time counts as the first did: T1 belongs to the earlier arrival either way.
    assert by_day[:2] == by_day[2:]
    assert [(c["rows_loaded"], c["rows_duplicate"]) for c in by_day[:2]] == [(4, 1), (2, 1)]
    for day in ("2026-01-03", "2026-01-02"):
        sandbox.day(day, warehouse="backwards")
    expect(sandbox, "backwards")


def test_the_tables_have_the_columns_of_the_contract_in_order(taken: Sandbox) -> None:
    columns = {
        table: [name for (name, *_) in taken.query(f"DESCRIBE {table}")]
        for table in ("daily_sales_summary", "product_performance", "store_performance", "quarantined_sales")
    }
    assert columns == {
        "daily_sales_summary": [
            "transaction_date",
            "store_id",
            "store_name",
            "store_location",
            "daily_revenue",
            "daily_quantity",
            "daily_transactions",
            "unique_customers",
            "gross_profit",
            "returned_quantity",
            "returned_revenue",
        ],
        "product_performance": [
            "product_id",
            "product_name",
            "category",
            "total_revenue",
            "total_quantity_sold",
            "avg_unit_price",
            "stores_sold_in",
            "gross_profit",
            "profit_margin",
            "returned_quantity",
            "returned_revenue",
        ],
        "store_performance": [
            "store_id",
            "store_name",
            "store_location",
            "total_revenue",
            "total_items_sold",
            "unique_products",
            "unique_customers",
            "gross_profit",
            "profit_margin",
            "returned_quantity",
            "returned_revenue",
        ],
        "quarantined_sales": [
            "transaction_id",
            "product_id",
            "store_id",
            "quantity",
            "unit_price",
            "transaction_date",
            "customer_id",
            "reason",
            "source_file",
            "run_id",
            "quarantined_at",
            "arrival",
        ],
    }


def test_an_arrival_taken_again_replaces_what_it_brought(taken: Sandbox) -> None:
    # The second arrival comes again, corrected: its late line is gone, so is all that S2 sold; a bad line is new.
    taken.sales(
        "dt=2026-01-03/b.csv",
        ["T1,P1,S1,2,2.50,2026-01-02,C1", "T4,P1,S1,1,1.0001,2026-01-03,C1", "T5,P2,S2,two,3.3333,2026-01-02,C3"],
    )
    counts = taken.run("--start", "2026-01-03", "--end", "2026-01-04", "--max-bad-ratio", "0.5")
    assert (counts["rows_loaded"], counts["rows_duplicate"], counts["rows_quarantined"]) == (1, 1, 1)
    assert added(counts) == (-6.6666, -2.6666)
    tables = taken.tables()
    assert tables["daily_sales_summary"] == [DAILY[0], DAILY[1], DAILY[3]]
    assert [row[0] for row in tables["store_performance"]] == ["S1", "S9"]
    # P2 is left with one line of one piece at 4.00 in one store.
    assert tables["product_performance"][1] == ("P2", "Green tea", "Food", D(4), 1, D(4), 1, D(2), D("0.5"), *NONE)
    assert [row[7:9] for row in tables["quarantined_sales"]] == [(BAD_QUANTITY, "sales_data/dt=2026-01-03/b.csv")]
    # And once more, as it was: the quarantined line is gone again.
    first_days(taken)
    taken.day("2026-01-03")
    expect(taken)
    assert taken.tables()["quarantined_sales"] == []


def test_a_day_that_loses_its_last_line_is_gone(taken: Sandbox) -> None:
    taken.sales("dt=2026-01-03/b.csv", [])
    taken.day("2026-01-03")
    assert [row[0:2] for row in taken.tables()["daily_sales_summary"]] == [(NEW_YEAR, "S9"), (SECOND, "S1")]
    assert taken.query("SELECT transaction_date FROM line_versions ORDER BY 1") == [(NEW_YEAR,), (SECOND,)]
    folders = sorted(path.name for path in (taken.folder / "warehouse/processed").glob("transaction_date=*"))
    assert folders == ["transaction_date=2026-01-01", "transaction_date=2026-01-02"]


def test_a_line_of_two_arrivals_stays_while_one_of_them_brings_it(taken: Sandbox) -> None:
    taken.sales("dt=2026-01-02/a.csv", ["T9,P2,S2,1,1,2026-01-02,"])
    taken.day("2026-01-02")
    # T1's line of P1 is still brought by the arrival of the third.
    assert taken.query("SELECT daily_revenue FROM daily_sales_summary WHERE store_id = 'S1' ORDER BY ALL") == [
        (D("1.0001"),),
        (D("5"),),
    ]


def test_flat_files_are_taken_only_without_an_interval(sandbox: Sandbox) -> None:
    sandbox.sales("history.csv", ["T1,P1,S1,1,2,2025-12-31,C1", "T2,P1,S1,1,2,2026-01-02,C1"])
    sandbox.sales("dt=2026-01-02/a.csv", ["T2,P1,S1,1,2,2026-01-02,C1", "T3,P1,S1,1,2,2026-01-02,C2"])
    counts = sandbox.day("2026-01-02")
    assert (counts["rows_read"], counts["rows_loaded"]) == (2, 2)
    counts = sandbox.run()
    assert (counts["rows_read"], counts["rows_loaded"], counts["rows_duplicate"]) == (4, 3, 1)
    # The flat files come before every day: T2 is theirs, and the day alone now loads one line.
    assert sandbox.day("2026-01-02")["rows_loaded"] == 1


def test_an_interval_ends_before_its_end_and_an_empty_one_changes_nothing(taken: Sandbox) -> None:
    for start, end in (("2026-01-04", "2026-02-01"), ("2026-01-01", "2026-01-02")):
        assert taken.run("--start", start, "--end", end)["rows_read"] == 0
    expect(taken)
    assert taken.run("--start", "2026-01-02", "--end", "2026-01-03")["rows_read"] == 5


def test_reference_data_is_what_it_is_at_the_run(taken: Sandbox) -> None:
    # Soap gets dearer to make and a new name; green tea is delivered no longer.
    taken.products([("P1", "Hand soap", "Home", "2.10")])
    taken.day("2026-01-03")
    profits = taken.query("SELECT transaction_date, store_id, gross_profit FROM daily_sales_summary ORDER BY ALL")
    # The third arrival touches the 2nd and 3rd: 2 x 0.40 + 3 x 0.40 = 2.00 for S1 (tea adds none), 1.0001 - 2.10.
    assert profits == [
        (NEW_YEAR, "S9", D(0)),
        (SECOND, "S1", D("2")),
        (SECOND, "S2", D(0)),
        (THIRD, "S1", D("-1.0999")),
    ]
    names = taken.query("SELECT product_id, product_name, gross_profit FROM product_performance ORDER BY ALL")
    assert names == [("P1", "Hand soap", D("0.9001")), ("P2", None, D(0)), ("P9", None, D(0))]
    taken.run("--rebuild", warehouse="rebuilt")
    assert taken.tables() == taken.tables("rebuilt")


def test_a_changed_cost_reaches_untouched_days_by_a_rebuild(taken: Sandbox) -> None:
    taken.products([("P1", "Soap", "Home", "0.10"), ("P2", "Green tea", "Food", "2.00"), ("P9", "Rare", "X", "4")])
    taken.day("2026-01-03")
    assert taken.tables()["daily_sales_summary"][0] == DAILY[0]
    taken.run("--rebuild")
    # T3 of New Year now has a cost: 10 - 4.
    assert taken.tables()["daily_sales_summary"][0][8] == D(6)
    assert taken.query("SELECT SUM(gross_profit) FROM product_performance") == taken.query(
        "SELECT SUM(gross_profit) FROM daily_sales_summary"
    )


def test_money_is_exact_where_floats_drift(sandbox: Sandbox) -> None:
    sandbox.sales("dt=2026-01-02/a.csv", [f"T{n},P1,S1,3,0.1,2026-01-02,C{n}" for n in range(1000)])
    sandbox.day("2026-01-02")
    assert sandbox.query("SELECT daily_revenue, gross_profit FROM daily_sales_summary") == [(D(300), D(-3000))]
    assert sandbox.query("SELECT avg_unit_price, profit_margin FROM product_performance") == [(D("0.1"), D(-10))]


def test_zero_revenue_has_no_margin_and_the_largest_line_fits(sandbox: Sandbox) -> None:
    sandbox.sales(
        "dt=2026-01-02/a.csv",
        ["T1,P1,S1,5,0,2026-01-02,C1", "T2,P2,S2,999999999999999,9999999999999.9999,2026-01-02,C1"],
    )
    sandbox.day("2026-01-02")
    margins = sandbox.query("SELECT store_id, total_revenue, profit_margin FROM store_performance ORDER BY 1")
    assert margins[0] == ("S1", D(0), None)
    assert margins[1][1] == D("9999999999999989900000000000.0001")


def test_the_mean_of_prices_whose_sum_leaves_64_bits(sandbox: Sandbox) -> None:
    # In ten-thousandths each price is nearly 10**18, ten of them more than 2**63.
    sandbox.sales("dt=2026-01-02/a.csv", [f"T{n},P1,S1,1,99999999999999.9999,2026-01-02," for n in range(10)])
    sandbox.day("2026-01-02")
    assert sandbox.query("SELECT total_revenue, avg_unit_price FROM product_performance") == [
        (D("999999999999999.9990"), D("99999999999999.9999"))
    ]


def test_csv_as_it_comes(sandbox: Sandbox) -> None:
    contents = [
        # A byte order mark, CRLF, columns in another order, an unknown column with a line break in quotes.
        "\ufeffnote,customer_id,transaction_date,unit_price,quantity,store_id,product_id,transaction_id\r\n"
        '"first\r\nsecond",C1,DAY,2.50,2,S1,P1,"T""1"""\r\n',
        # Blanks around names and values, blank lines, a short line (a guest), no line break at the end.
        " transaction_id , product_id,store_id,quantity,unit_price,transaction_date,customer_id\n\n"
        'T"1" ,P1, S1 , 2,2.50 ,DAY',
    ]
    names = ["odd name+%41.csv", "packed.csv.gz"]
    days = [f"2026-01-0{n}" for n in range(1, 5)]
    for day, (content, name) in zip(days, itertools.product(contents, names), strict=True):
        sandbox.write(f"sales_data/dt={day}/{name}", content.replace("DAY", day))
    counts = sandbox.run()
    assert (counts["rows_read"], counts["rows_loaded"]) == (4, 4)
    rows = sandbox.query("SELECT transaction_date::VARCHAR, daily_revenue FROM daily_sales_summary ORDER BY ALL")
    assert rows == [(day, D(5)) for day in days]


def test_quarantined_lines_keep_their_texts_and_their_file(sandbox: Sandbox) -> None:
    good = [f"T{n},P1,S1,1,1,2026-01-02,C1" for n in range(40)]
    sandbox.sales(
        "dt=2026-01-02/odd name+%41.csv", [*good, "T9, P1 ,S1,0,1.00,2026-13-01,", "T9, P1 ,S1,0,1.00,2026-13-01,"]
    )
    counts = sandbox.day("2026-01-02")
    assert counts["rows_quarantined"] == 2  # bad lines are not compared: both are kept
    row = (
        "T9", " P1 ", "S1", "0", "1.00", "2026-13-01", None,
        f"{BAD_QUANTITY}; "
        "transaction_date is not a date from 1960-01-01 to 2159-12-31 written yyyy-MM-dd",
        "sales_data/dt=2026-01-02/odd name+%41.csv", "2026-01-02",
    )  # fmt: skip
    assert sandbox.tables()["quarantined_sales"] == [row, row]


def refused(sandbox: Sandbox, message: str, *options: str) -> None:
    """The run is refused with this message and the tables are as they were."""
    before = sandbox.tables()
    with pytest.raises(InputRefused) as error:
        sandbox.run(*options)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert sandbox.tables() == before


def test_input_that_is_refused(taken: Sandbox) -> None:
    bad = "dt=2026-01-09/x.csv"
    sales = "sales_data/dt=2026-01-09/x.csv"
    path = taken.sales(bad, [], header="transaction_id,product_id,store_id,unit_price,transaction_date,customer")
    refused(taken, f"{sales}: the header lacks quantity, customer_id")
    taken.sales(bad, [], header="quantity," + "transaction_id,product_id,store_id,quantity,unit_price,transaction_date")
    refused(taken, f"{sales}: the header names column quantity twice")
    for content, message in (
        (b"", "has no bytes"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is not UTF-8 text"),
        (b"transaction_id\0,", "is not text"),
        (b"\xff\xfet\0r\0a", "is not UTF-16 text"),
    ):
        path.write_bytes(content)
        refused(taken, f"{sales}: {message}")
    path.unlink()
    packed = taken.write("sales_data/dt=2026-01-09/y.csv.gz", "\n".join([",".join(["a"] * 7)] * 9))
    packed.write_bytes(b"this is not gzip")
    refused(taken, "dt=2026-01-09/y.csv.gz: is not packed by gzip, as its name says: name it .csv")
    packed.unlink()
    taken.sales(bad, [f"T{n},P1,S1,none,1,2026-01-02,C1" for n in range(3)])
    refused(taken, "3 of 11 lines are bad (27.3%, at most 5.0% is loaded)", "--run-id", "bad-one")
    kept = list((taken.folder / "warehouse/refused/bad-one").glob("*.csv"))
    assert kept[0].read_text().count("quantity is not a plain decimal") == 3
    path.unlink()
    expect(taken)


def test_a_quote_that_is_never_closed_would_swallow_lines(taken: Sandbox) -> None:
    good = [f"T{n},P1,S1,1,1,2026-01-02,C1" for n in range(40)]
    # Closed quotes with a line break are one line and fine; the fifth line of the file opens one and no more.
    rows = ['"a\nb",P1,S1,1,1,2026-01-02,C1', good[0], 'T99,P1,S1,1,1,2026-01-02,"C1', *good]
    for name in ("dt=2026-01-09/odd name+%41.csv", "dt=2026-01-09/x.csv.gz"):
        path = taken.sales(name, rows)
        refused(taken, f"sales_data/{name}: a quote in line 5 is never closed")
        path.unlink()
    taken.sales(name, [rows[0], *good])
    assert taken.day("2026-01-09")["rows_read"] == 41


def test_bytes_that_are_not_text_are_refused_anywhere_in_a_file(taken: Sandbox) -> None:
    # Beyond the bytes that are read to find the header.
    many = "".join(f"T{n},P1,S1,1,1,2026-01-02,C1\n" for n in range(4000))
    head = ",".join(SALES_COLUMNS) + "\n" + many
    name = "sales_data/dt=2026-01-09/x.csv"
    path = taken.write(name, head.encode() + b"T,P1,S1,1,1,2026-01-02,M\xfcller\n")
    refused(taken, f"{name}: is not UTF-8 text (byte {len(head) + 24})")
    path.write_bytes(head.encode() + b"T,P1,S1,1,1,2026-01-02,M\0\n")
    refused(taken, f"{name}: is not text")


def test_a_packed_file_that_is_cut_off_is_refused(sandbox: Sandbox) -> None:
    rows = [f"T{n},P{n * 7919 % 1000},S1,1,{n % 97}.{n % 83},2026-01-02,C{n}" for n in range(60_000)]
    path = sandbox.sales("dt=2026-01-02/big.csv.gz", rows)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(InputRefused, match=r"sales_data/dt=2026-01-02/big.csv.gz is cut off: upload it again"):
        sandbox.run()


def test_reference_data_that_is_refused(taken: Sandbox) -> None:
    taken.products([("P1", "Soap", "Home", "1"), ("P2", "Tea", "Food", "1"), (" P1", "Again", "Home", "2")])
    refused(taken, "reference_data/products.csv line 4: product_id 'P1' is repeated (first in line 2)")
    taken.products([("P1", "Soap", "Home", "cheap")])
    refused(taken, "reference_data/products.csv line 2: cost_price 'cheap' is not a plain decimal")
    taken.products([("P1", "Soap", "Home", "1"), ("", "Soap", "Home", "1")])
    refused(taken, "reference_data/products.csv line 3: product_id is missing")
    taken.write("reference_data/products.csv", "product_id,product_name\nP1,Soap\n")
    refused(
        taken, "reference_data/products.csv: the header lacks category, cost_price: it has product_id, product_name"
    )
    taken.products([("P1", "Soap", "Home", "1")])
    (taken.lake / "reference_data/stores.csv").unlink()
    refused(taken, "reference_data/stores.csv is missing")
    taken.write("reference_data/stores.csv", b"")
    refused(taken, "reference_data/stores.csv: has no bytes")


def test_reference_files_need_their_required_columns_only(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    first_days(sandbox)
    sandbox.write(
        "reference_data/products.csv",
        "cost_price,category,product_name,product_id\n1.10,Home,Soap,P1\n2.00,Food,Green tea,P2\n",
    )
    sandbox.run()
    expect(sandbox)
    warnings = [line for line in capsys.readouterr().err.splitlines() if "read as empty" in line]
    assert len(warnings) == 1
    assert '"severity": "WARNING"' in warnings[0]
    assert "reference_data/products.csv: the header lacks subcategory, brand, unit_price, supplier_id" in warnings[0]
    # Few sources have a stock figure: nobody is warned of its absence.
    assert "launch_date, discontinued: read as empty" in warnings[0]


def test_a_stock_figure_is_published_where_it_is_delivered(sandbox: Sandbox) -> None:
    first_days(sandbox)
    sandbox.write(
        "reference_data/products.csv",
        "product_id,product_name,category,cost_price,Stock Quantity\nP1,Soap,Home,1.10,12.5\nP2,Green tea,Food,2,\n",
    )
    sandbox.run()
    found = sandbox.query("SELECT product_id, stock_quantity FROM inventory_signals WHERE product_id IN ('P1', 'P2')")
    assert sorted(found) == [("P1", Decimal("12.5")), ("P2", None)]


def test_bad_lines_up_to_the_limit_are_loaded_around(sandbox: Sandbox) -> None:
    good = [f"T{n},P1,S1,1,1,2026-01-02,C1" for n in range(19)]
    sandbox.sales("dt=2026-01-02/a.csv", [*good, "T99,P1,S1,1,1,yesterday,C1"])
    assert sandbox.day("2026-01-02")["rows_quarantined"] == 1  # 1 of 20 is 5 %: still loaded


def test_files_that_are_not_arrivals_are_ignored(sandbox: Sandbox) -> None:
    first_days(sandbox)
    for name in ("dt=2026-01-02/_part.csv", "dt=2026-01-02/.hidden.csv", "dt=2026-02-30/a.csv", "dt=2026-01-02/b.txt"):
        sandbox.write(f"sales_data/{name}", "whatever")
    sandbox.run()
    expect(sandbox)


def test_a_lake_that_is_not_there(sandbox: Sandbox) -> None:
    sandbox.lake = sandbox.folder / "nowhere"
    with pytest.raises(ConfigurationError, match="this lake does not exist") as error:
        sandbox.run()
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("lines", "quantity", "price"),
    [
        # 2 x 10**14 x 10**15 is 2 x 10**29: NUMERIC holds 29 digits before the point.
        (2, "999999999999999", "99999999999999"),
        (2, "-999999999999999", "99999999999999"),
    ],
)
def test_sums_that_no_table_holds_fail_the_run(sandbox: Sandbox, lines: int, quantity: str, price: str) -> None:
    sandbox.sales("dt=2026-01-02/a.csv", [f"T{n},P1,S1,{quantity},{price},2026-01-02," for n in range(lines)])
    with pytest.raises(Exception, match="a sum of money or quantities has more than 29 digits before the point"):
        sandbox.run()
    assert sandbox.tables()["daily_sales_summary"] == []


@pytest.mark.parametrize("sign", ["", "-"])
def test_quantities_whose_sum_leaves_64_bits(sandbox: Sandbox, sign: str) -> None:
    # In thousandths each quantity is nearly 10**18, ten of them more than 2**63.
    lines = [f"T{n},P1,S1,{sign}999999999999999.999,0,2026-01-02," for n in range(10)]
    sandbox.sales("dt=2026-01-02/a.csv", lines)
    sandbox.run()
    total = D(f"{sign}9999999999999999.99")
    assert sandbox.query("SELECT daily_quantity FROM daily_sales_summary") == [(total,)]
    assert sandbox.query("SELECT total_quantity_sold, returned_quantity FROM product_performance") == [
        (total, -total if sign else 0)
    ]

"""The invented chain behind the sample data: eight stores and sixty products. Names are made up, numbers fictitious."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "pyspark-jobs"))

from sales_job.tables import reference_columns

PRODUCT_COLUMNS, STORE_COLUMNS = [
    tuple(column.name for column in reference_columns.table(name).columns if column.warn_if_missing)
    for name in ("products", "stores")
]
"""The columns of the files, as the job declares them, without those that most sources lack."""

STORE_VALUES = (
    "store_name", "store_type", "address", "city", "state", "zip_code", "country", "region", "manager_name",
    "manager_email", "phone", "opening_date", "store_size_sqft", "parking_spaces", "24_hour_store", "store_location",
)  # fmt: skip
"""What the values of a store below are, in order; other columns of the file stay empty."""


@dataclass(frozen=True)
class Product:
    """A product; prices in dollars. ``popularity`` is how often it sells against the others; a ``weighed`` one is sold
    by the kilogram.
    """

    product_id: str
    product_name: str
    category: str
    subcategory: str
    brand: str
    unit_price: Decimal
    cost_price: Decimal
    supplier_id: str
    weight_kg: str
    dimensions_cm: str
    color: str
    material: str
    launch_date: str
    discontinued: str
    popularity: float
    weighed: bool

    def row(self) -> list[str]:
        """The values of PRODUCT_COLUMNS; empty where a product has none."""
        return [str(getattr(self, name, "")) for name in PRODUCT_COLUMNS]


@dataclass(frozen=True)
class Store:
    """A store; ``weight`` is its share of all sales."""

    store_id: str
    values: tuple[str, ...]
    weight: float

    def row(self) -> list[str]:
        """The values of STORE_COLUMNS; empty where a store has none."""
        values = {"store_id": self.store_id, **dict(zip(STORE_VALUES, self.values, strict=True))}
        return [values.get(name, "") for name in STORE_COLUMNS]


# category, subcategory, brand, supplier, material: (name, price, cost, weight, size, color)
_CATALOG: dict[tuple[str, str, str, str, str], list[tuple[str, str, str, str, str, str]]] = {
    ("Winter", "Clothing", "Northlight", "V01", "wool"): [
        ("Ribbed scarf", "24.90", "9.80", "0.22", "180x28x2", "charcoal"),
        ("Cable-knit hat", "19.50", "7.10", "0.11", "24x22x3", "cream"),
        ("Lined mittens", "17.90", "6.95", "0.14", "26x14x4", "navy"),
        ("Felt slippers", "32.00", "14.40", "0.45", "30x20x11", "grey"),
        ("Thermal socks, pair", "9.90", "3.20", "0.09", "24x10x3", "red"),
    ],
    ("Winter", "Warmth", "Hearthside", "V02", "steel"): [
        ("Hot-water bottle", "14.50", "5.60", "0.38", "33x20x4", "green"),
        ("Hand warmer, set of 2", "8.90", "2.75", "0.20", "10x7x2", "silver"),
        ("Snow shovel", "27.90", "13.80", "1.65", "135x46x12", "black"),
        ("Ice scraper", "6.50", "1.90", "0.25", "28x11x5", "blue"),
        ("Storm lantern", "38.00", "18.20", "1.10", "26x16x16", "copper"),
    ],
    ("Home", "Textiles", "Loomfield", "V03", "cotton"): [
        ("Bath towel", "16.90", "6.20", "0.52", "140x70x2", "white"),
        ("Hand towel", "8.50", "2.90", "0.21", "100x50x2", "white"),
        ("Duvet cover", "54.00", "24.30", "1.40", "220x200x3", "sage"),
        ("Cushion cover", "13.90", "4.75", "0.19", "45x45x2", "rust"),
        ("Throw blanket", "42.50", "19.10", "1.25", "170x130x4", "oat"),
        ("Table runner", "18.90", "7.25", "0.24", "150x40x1", "linen"),
    ],
    ("Home", "Decoration", "Quiet Corner", "V04", "ceramic"): [
        ("Pillar candle", "7.90", "2.35", "0.48", "15x7x7", "ivory"),
        ("Bud vase", "15.50", "5.80", "0.36", "18x8x8", "sea green"),
        ("Picture frame", "22.00", "9.10", "0.64", "32x26x3", "oak"),
        ("Wall clock", "36.90", "17.50", "0.92", "30x30x5", "white"),
        ("Storage basket", "25.90", "11.60", "0.75", "38x28x22", "natural"),
        ("Door mat", "21.50", "9.70", "1.80", "75x45x2", "brown"),
    ],
    ("Kitchen", "Cookware", "Ironwood", "V05", "cast iron"): [
        ("Skillet, 26 cm", "44.90", "21.70", "2.60", "45x27x6", "black"),
        ("Dutch oven", "89.00", "46.50", "5.20", "32x26x18", "blue"),
        ("Saucepan", "39.50", "18.80", "1.35", "36x18x12", "steel"),
        ("Baking tray", "15.90", "6.10", "0.85", "42x30x3", "grey"),
        ("Pie dish", "18.50", "7.40", "1.05", "28x28x5", "white"),
    ],
    ("Kitchen", "Tools", "Tallow & Pine", "V06", "beech"): [
        ("Wooden spoon", "5.90", "1.55", "0.07", "30x6x2", "natural"),
        ("Cutting board", "28.50", "12.20", "1.45", "40x28x3", "natural"),
        ("Chef's knife", "64.00", "31.00", "0.26", "34x5x2", "steel"),
        ("Pepper mill", "31.90", "14.60", "0.41", "20x6x6", "walnut"),
        ("Tea towel, set of 3", "17.50", "6.40", "0.33", "70x50x2", "striped"),
        ("Mixing bowl", "23.90", "10.30", "0.95", "28x28x14", "cream"),
    ],
    ("Pantry", "Drinks", "Second Cup", "V07", "paper"): [
        ("Coffee beans, 500 g", "12.90", "6.85", "0.52", "24x12x8", "brown"),
        ("Earl grey, 40 bags", "6.90", "2.80", "0.12", "16x8x7", "black"),
        ("Green tea, loose", "9.50", "4.10", "0.15", "12x9x9", "green"),
        ("Drinking chocolate", "8.40", "3.75", "0.30", "15x10x10", "brown"),
        ("Apple juice, 1 l", "3.90", "1.95", "1.05", "26x8x8", "yellow"),
    ],
    ("Pantry", "Food", "Mill Lane", "V08", "glass"): [
        ("Wildflower honey", "10.90", "5.60", "0.52", "11x8x8", "amber"),
        ("Strawberry jam", "5.80", "2.45", "0.41", "10x7x7", "red"),
        ("Oat biscuits", "4.20", "1.60", "0.22", "18x8x6", "gold"),
        ("Olive oil, 750 ml", "16.50", "9.20", "1.15", "32x7x7", "green"),
        ("Dark chocolate", "3.60", "1.40", "0.10", "16x8x1", "black"),
        ("Granola, loose, kg", "7.30", "3.10", "1.00", "", "oat"),
    ],
    ("Garden", "Planting", "Greenhand", "V09", "terracotta"): [
        ("Flower pot, 20 cm", "9.90", "3.60", "1.30", "20x20x19", "terracotta"),
        ("Potting soil, 20 l", "11.50", "5.25", "8.50", "55x38x12", "brown"),
        ("Tomato seeds", "3.20", "0.85", "0.01", "12x8x1", "red"),
        ("Herb seeds, set of 5", "8.90", "2.60", "0.04", "16x12x2", "green"),
        ("Lavender, potted", "7.50", "3.30", "0.90", "30x13x13", "violet"),
        ("Bulb mix", "12.40", "4.95", "0.60", "22x16x9", "mixed"),
    ],
    ("Garden", "Tools", "Greenhand", "V09", "steel"): [
        ("Hand trowel", "13.50", "4.90", "0.31", "32x9x6", "green"),
        ("Pruning shears", "26.90", "11.80", "0.28", "22x6x3", "red"),
        ("Watering can, 8 l", "29.50", "13.10", "1.20", "45x20x34", "zinc"),
        ("Garden gloves, pair", "11.90", "4.05", "0.12", "25x12x3", "yellow"),
    ],
    ("Outdoor", "Leisure", "Fieldhouse", "V10", "canvas"): [
        ("Picnic blanket", "34.90", "15.70", "1.15", "200x150x1", "tartan"),
        ("Enamel mug", "9.80", "3.45", "0.16", "12x9x8", "white"),
        ("Folding chair", "49.00", "23.60", "3.40", "80x54x82", "olive"),
        ("Water bottle", "18.90", "7.60", "0.30", "26x7x7", "slate"),
        ("Kite", "21.90", "8.80", "0.24", "110x62x3", "orange"),
        ("Bird feeder", "24.50", "10.90", "0.88", "30x17x17", "cedar"),
    ],
}  # fmt: skip


def _products() -> list[Product]:
    result: list[Product] = []
    for (category, subcategory, brand, supplier, material), items in _CATALOG.items():
        for name, price, cost, weight, size, color in items:
            number = len(result) + 1
            result.append(
                Product(
                    product_id=f"P{number:03d}",
                    product_name=name,
                    category=category,
                    subcategory=subcategory,
                    brand=brand,
                    unit_price=Decimal(price),
                    cost_price=Decimal(cost),
                    supplier_id=supplier,
                    weight_kg=weight,
                    dimensions_cm=size,
                    color=color,
                    material=material,
                    launch_date=f"{2019 + number % 6}-{1 + number * 7 % 12:02d}-{1 + number * 11 % 28:02d}",
                    discontinued="Y" if number in {8, 29, 58} else "N",
                    # Cheap things sell more often; the rest is taste.
                    popularity=(0.4 + (number * 37 % 23) / 10) * float(Decimal(30) / (Decimal(price) + 12)),
                    weighed=name.endswith(", kg"),
                )
            )
    return result


PRODUCTS = _products()

STORES = [
    Store("S01", (
        "Harbor Street", "flagship", "12 Harbor Street", "Portland", "ME", "04101", "USA", "Northeast",
        "Ada Winslow", "ada.winslow@example.com", "555-0101",
        "2009-04-18", "24000", "120", "N", "Portland, ME",
    ), 0.22),
    Store("S02", (
        "Mill Yard", "standard", "3 Mill Yard", "Burlington", "VT", "05401", "USA", "Northeast",
        "Tomas Reyes", "tomas.reyes@example.com", "555-0102",
        "2012-09-01", "15500", "80", "N", "Burlington, VT",
    ), 0.13),
    Store("S03", (
        "Union Square", "city", "88 Union Square", "Providence", "RI", "02903", "USA", "Northeast",
        "Mei Tanaka", "mei.tanaka@example.com", "555-0103",
        "2015-03-14", "9800", "0", "Y", "Providence, RI",
    ), 0.17),
    Store("S04", (
        "Lakeside", "standard", "410 Lakeside Drive", "Madison", "WI", "53703", "USA", "Midwest",
        "Jonas Berg", "jonas.berg@example.com", "555-0104",
        "2016-06-25", "16200", "95", "N", "Madison, WI",
    ), 0.12),
    Store("S05", (
        "Prairie Center", "outlet", "2200 Prairie Parkway, Unit 7", "Omaha", "NE", "68102", "USA", "Midwest",
        "Grace Okafor", "grace.okafor@example.com", "555-0105",
        "2018-11-03", "21000", "260", "N", "Omaha, NE",
    ), 0.09),
    Store("S06", (
        "Old Depot", "city", "5 Depot Plaza", "Asheville", "NC", "28801", "USA", "South",
        "Luis Ferreira", "luis.ferreira@example.com", "555-0106",
        "2019-05-11", "8700", "20", "N", "Asheville, NC",
    ), 0.11),
    Store("S07", (
        "Cedar Point", "standard", "77 Cedar Point Road", "Boise", "ID", "83702", "USA", "West",
        "Hannah Cole", "hannah.cole@example.com", "555-0107",
        "2021-08-28", "14300", "110", "N", "Boise, ID",
    ), 0.10),
    Store("S08", (
        "Riverside Express", "express", "1 Riverside Walk", "Eugene", "OR", "97401", "USA", "West",
        "Omar Haddad", "omar.haddad@example.com", "555-0108",
        "2024-02-17", "4200", "8", "Y", "Eugene, OR",
    ), 0.06),
]  # fmt: skip

"""How the dates of a column are written, with the evidence that decides."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping

from sales_job.lake.translate import ISO_DATE, zoned_time
from scripts.inspect.numbers import CLEAR_SHARE, Reading, Value


def _date_forms() -> Iterator[str]:
    for sep in "/.-":
        yield from (f"%d{sep}%m{sep}%Y", f"%d{sep}%m{sep}%y")
    yield from ("%Y/%m/%d", "%Y.%m.%d", "%Y-%m-%d", "%Y%m%d", "%d %m %Y", "%d.%m.%Y.")
    for month in ("%b", "%B"):
        for sep in "- /.":
            yield from (f"%d{sep}{month}{sep}%Y", f"%d{sep}{month}{sep}%y")
        yield from (f"{month} %d, %Y", f"{month} %d %Y", f"%d. {month} %Y", f"%Y-{month}-%d", f"%a, %d {month} %Y")


DATES = tuple(_date_forms())
TIMES = tuple(
    f"{joint}{time}"
    for joint in (" ", "T", ", ")
    for time in (
        "%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p", "%H.%M", "%H.%M.%S",
        "%H:%M:%S%z", "%H:%M:%S %z", "%H:%M %z", "%H:%M:%S.%f%z", "%H:%M:%S %Z", "%H:%M %Z",
    )
)  # fmt: skip
MAY_BE_EITHER = re.compile(r"^%d([/.\- ])%m")
"""The forms that are tried with day and month exchanged too."""


def exchanged(form: str) -> str:
    """The form with the month before the day."""
    return re.sub(r"^%d(.)%m", r"%m\1%d", form)


def _fits(text: str, form: str) -> bool:
    try:
        if form == "default":
            # Python takes 20260131 for ISO too.
            return text[4:5] == "-" and bool(ISO_DATE.fullmatch(text) or zoned_time(text))
        return bool(dt.datetime.strptime(text, form))  # noqa: DTZ007
    except ValueError:
        return False


def _fits_either(text: str, form: str) -> bool:
    return _fits(text, form) or (MAY_BE_EITHER.match(form) is not None and _fits(text, exchanged(form)))


def form_of_dates(examples: Collection[tuple[str, int]]) -> str | None:
    """The form that most dates have, day before month where either fits; None: no known form.

    Args:
        examples: a value of each shape, and how many lines have that shape.
    """
    best: tuple[int, str] | None = None
    for form in _candidates(examples):
        score = sum(count for text, count in examples if _fits_either(text, form))
        if score and (best is None or score > best[0]):
            best = score, form
    return best and best[1]


def _candidates(examples: Collection[tuple[str, int]]) -> list[str]:
    """The forms that fit an example; of a form with a time, the part before it must."""
    dates = [form for form in DATES if any(_fits_either(_day_part(text, form), form) for text, _ in examples)]
    return ["default", *[f"{date}{time}" for date in dates for time in ("", *TIMES)]]


def _day_part(text: str, form: str) -> str:
    """As many words of a text as the form has."""
    words = re.split(r"(?<=[0-9])T|\s+|,\s+(?=[0-9]+[:.])", text)
    return " ".join(words[: form.count(" ") + 1])


def read_date(
    examples: Collection[tuple[str, int]],
    order: str | None,
    deciding: Mapping[str, Value | None],
) -> Reading:
    """How the dates of a column are written.

    Args:
        examples: as of :func:`form_of_dates`.
        order: day-first or month-first, if it is known.
        deciding: for ``day-first`` and ``month-first`` a value that cannot be the other, its line, and how many there
            are.
    """
    form = form_of_dates(examples)
    example = max(examples, key=lambda found: found[1])[0] if examples else ""
    if form is None:
        return Reading({}, f"'{example}' is not a date of a known form", "--column transaction_date=FIELD")
    kind = "date" if not re.search("%[HI]", form) else "datetime"
    zoned = "%z" in form or "%Z" in form or (form == "default" and not ISO_DATE.fullmatch(example))
    if form == "default":
        return Reading({"type": kind_of_iso(example)}, f"'{example}': year, month, day", zoned=zoned)
    forms = {"day-first": form, "month-first": exchanged(form)}
    if not MAY_BE_EITHER.match(form):
        said = "year, month, day" if form.startswith("%Y") else "month by name"
        return Reading({"type": kind, "format": form}, f"'{example}': {said}", zoned=zoned)
    if order is not None:
        return Reading({"type": kind, "format": forms[order]}, f"--dates {order}", zoned=zoned)
    found = {name: value for name, value in deciding.items() if value is not None}
    if not found:
        return Reading({}, f"'{example}' may be day or month first", "--dates day-first|month-first")
    likely = max(found, key=lambda name: found[name].lines)
    said = f"'{found[likely].text}' in line {found[likely].line}: {likely.replace('-', ' ')}"
    option = None
    if len(found) > 1:
        rest = next(value for name, value in found.items() if name != likely)
        said = f"{said}, but '{rest.text}' in line {rest.line}"
        if found[likely].lines < CLEAR_SHARE * sum(value.lines for value in found.values()):
            option = "--dates day-first|month-first"
    return Reading({"type": kind, "format": forms[likely]}, said, option, zoned=zoned)


def kind_of_iso(example: str) -> str:
    """The standard's type of an ISO date."""
    return "date" if len(example) <= len("2026-01-31") else "datetime"

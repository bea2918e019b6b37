"""What is typed into a form that nobody meant: values of every sort, and files of every sort."""

from hypothesis import strategies as st
from make import code

_DAYS = (
    *("0000-00-00", "0001-01-01", "1900-02-29", "2023-02-29", "2024-02-29", "9999-12-31", "10000-01-01", "2025-13-01"),
    *("2025-11-25", "2026-02-28", "２０２４-０１-０１", "2025-11-25T00:00", "-0001-01-01", "24-1-1", "2025/11/25"),
    *("2025年11月25日",),
)
_NUMBERS = (
    *("0", "-0", "-1", "1", "2", "9", "1e3", "1E400", "-1e-400", "NaN", "sNaN", "Infinity", "-inf", "0x10", "1_000"),
    *("１２３", "٣", "²", "½", "1,000", "1.5", ".5", "5.", "+5", "007", "2147483648", "9223372036854775807"),
    *("9223372036854775808", "-9223372036854775809", "999999999999999999", "9" * 40, "9" * 5_000, "0." + "1" * 400),
)
_WORDS = (
    *(
        "",
        " ",
        "\t",
        "\n",
        "\r\n",
        "　",
        "true",
        "on",
        "None",
        "null",
        "[]",
        "{}",
        "nothing",
        "any",
        "none",
        "all",
        "x",
    ),
    *(
        "a\0b",
        "\0",
        "\x01\x02",
        "\x1b[31mred",
        "a\x7fb",
        "a\r\nSet-Cookie: a=b",
        "\ufeffa",
        "\u200b",
        "\u202eabc\u202c",
    ),
    *(
        "\u2028",
        "\ufffe",
        "\ufdd0",
        "\U0010ffff",
        "e" + "\u0301" * 300,
        "👩‍👩‍👧‍👦" * 60,
        "ﷺ" * 200,
        "İ" * 260,
        "ß" * 499,
    ),
    *("<script>alert(1)</script>", "'\"><b>", "</textarea><script>", "{{7*7}}", "{% x %}", "%(count)s", "%s%n", "${1}"),
    *("' OR 1=1 --", "\\", "%00", "&#0;", "../../etc/passwd", "//elsewhere.example", "javascript:1", "=1+1", "@cmd"),
    *(
        code(1),
        code(4),
        code(1)[:17],
        code(1).lower(),
        "QDCX2025-00001",
        "submitted/take_up",
        "1:2",
        "1:2:3",
        ":",
        "1;2",
    ),
    *("a@b", "a@example.com", "a" * 400 + "@example.com", "13800001111", "11010119900307109X", "370285", "370203"),
    *("a" * 500, "字" * 501, "字" * 4_001, "a" * 10_001, "x" * 100_000, "\n" * 3_000, "a b " * 2_000),
)
# No text at all: single surrogates, overlong and broken UTF-8, another encoding.
_BYTES = (
    b"\xed\xa0\x80",
    b"a\xed\xbf\xbfb",
    b"\xff\xfe",
    b"\xc0\x80",
    b"\xf5\x80\x80\x80",
    b"\xe4\xb8",
    "青岛".encode("gbk"),
)
_TEXTS = st.one_of(
    st.sampled_from(_WORDS),
    st.sampled_from(_NUMBERS),
    st.sampled_from(_DAYS),
    st.integers(-(2**70), 2**70).map(str),
    st.dates().map(str),
    st.text(max_size=40),
    st.text(alphabet=st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Nd", "Mn", "Co"]), min_size=1, max_size=20),
)
VALUES = st.one_of(_TEXTS.map(lambda text: text.encode("utf-8")), st.sampled_from(_BYTES), st.binary(max_size=30))
NAMES = st.sampled_from(
    (
        *("version", "next", "lang", "csrf_token", "case", "_method", "facts.", "facts.titles-0.kind", "note:facts."),
        *("facts.titles-99.from", "years.2024.revenue", "years.0.revenue", "years.99999.revenue", "why:", "a[]", ""),
        *("\0", "__proto__"),
    )
)
FILE_NAMES = st.sampled_from(
    (
        *(
            "名单.csv",
            "a.pdf",
            "a.xlsx",
            "a.png",
            "",
            ".",
            "..",
            "../../a.pdf",
            "a\0.pdf",
            "a.pdf.exe",
            "CON",
            "𠮷.pdf",
        ),
        *("a" * 300 + ".pdf", "\u202egnp.exe", "a\r\nb.pdf", "'\".pdf", "a;b.pdf", "a.PDF", "a.zip", "%2e%2e%2f"),
        *("C:\\a.pdf",),
    )
)
FILE_TYPES = st.sampled_from(
    (
        *("application/pdf", "text/csv", "text/html", "", "a/b", "image/png", "multipart/mixed; boundary=x", "a" * 300),
        *("/;;=", "text/plain; charset=utf-16", "text/plain; charset=nothing", "application/x-www-form-urlencoded"),
    )
)
_HEADS = ("统一社会信用代码,企业名称,区市,梯度,类型,公告日期\n", "uscc,name\n", "a,b,c\n", "﻿统一社会信用代码\n")
CONTENTS = st.one_of(
    st.sampled_from((b"", b"%PDF-1.7\n%%EOF", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"\0" * 5_000)),
    st.tuples(st.sampled_from(_HEADS), VALUES).map(lambda two: two[0].encode() + two[1]),
    st.binary(max_size=200),
)

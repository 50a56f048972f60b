"""SQL cells and Python cells that belong together. See `motifs` for how they are written."""

from __future__ import annotations

from typing import Final

from .motifs import Motif
from .topics import Topic

SQL_NAMES: Final = {"t": ["t0", "t1"], "d": ["d0", "d1"]}

SQL: Final = Topic(
    SQL_NAMES,
    {},
    [
        "%%sql\ncreate or replace table $t as select $k as a",
        "%%sql\ncreate table if not exists $t (a integer)",
        "%%sql\ndrop table if exists $t",
        "%%sql\ninsert into $t (a) values ($k)",
        "%%sql\ninsert into $t1 (a) select a from $t2",
        "%%sql\nupdate $t set a = a + $k",
        "%%sql\ndelete from $t where a > :i0",
        "%%sql\nselect * from $t",
        "%%sql\nselect count(*)::int as n from $t1, $t2",
        "%%sql $d <<\nselect a from $t",
        "%%sql\nselect sum(a)::int as s from $d",
        "$d = pd.DataFrame({'a': [$k, $k]})",
        "i0 = $k",
        "%%sql\nshow tables",
    ],
)

SQL_MOTIFS: Final[list[Motif]] = [
    [
        "%%sql\ncreate table $t1 (a integer)",
        "%%sql\ninsert into $t1 values ($k)",
        (
            "%%sql\ninsert into $t1 values (:i0)",
            "%%sql\nupdate $t1 set a = a + 1",
            "%%sql\ndelete from $t1 where a > 3",
            "%%sql\ntruncate $t1",
            "",
        ),
        "%%sql\nselect * from $t1",
        ("", "%%sql\ninsert into $t1 values (9)"),
        "i0 = 4",
    ],
    [
        ("$d1 = pd.DataFrame({'a': [$k, 12]})", "$d1 = pd.DataFrame({'a': [12, $k]})"),
        "%%sql\ncreate or replace table $t1 as select * from $d1",
        (
            "%%sql $d2 <<\nselect sum(a)::int as a from $t1",
            "%%sql $d2 <<\nselect a + {{ i0 }} as a from $d1",
        ),
        "print($d2.a.tolist())",
        ("%%sql\ndrop table $t1", "%%sql\nalter table $t1 add column b integer default 4", ""),
        ("$d1.loc[0, 'a'] = 5", "$d1 = $d1 + 1", ""),
        "%%sql\nselect * from $t1",
    ],
    [
        "%%sql\ncreate or replace table $t1 as select 1 as a",
        ("%%sql\ncreate view v9 as select a from $t1", "%%sql\ncreate view v9 as select 2 as a"),
        ("%%sql\ninsert into $t1 values ($k)", "%%sql\nupdate $t1 set a = 7", ""),
        "%%sql\nselect * from v9",
        ("%%sql\ndrop view v9", ""),
        ("%%sql\ncreate table v9 as select 3 as a", ""),
        "%%sql\nselect * from v9",
    ],
    [
        "%%sql\ncreate or replace table $t1 as select 1 as a",
        (
            "%%sql\ninsert into $t1 values (1);\nselect * from nosuch",
            "%%sql\ninsert into $t1 values (2)",
            "%%sql\ninsert into $t1 values (2);\ninsert into $t1 values (3)",
        ),
        "%%sql\nselect * from $t1",
    ],
    [
        "%%sql\ncreate or replace table $t1 as select $k as a",
        ("%%sql\nalter table $t1 rename to r9", "%%sql\ncreate table r9 as from $t1"),
        "%%sql\nselect * from r9",
        ("", "%%sql\ninsert into r9 values (5)"),
        ("%%sql\nselect * from $t1", "%%sql\ncreate table $t1 as select 6 as a", ""),
        "%%sql\nselect * from r9",
    ],
    [
        ("%%sql\ncreate schema s9", "%%sql\ncreate schema if not exists s9"),
        "%%sql\ncreate or replace table s9.$t1 as select 2 as a",
        "%%sql\ncreate or replace table $t1 as select 1 as a",
        ("%%sql\nuse s9", ""),
        "%%sql\nselect * from $t1",
        ("%%sql\ninsert into $t1 values ($k)", ""),
        ("%%sql\nuse main", "%%sql\nuse s9", ""),
        "%%sql\nselect * from $t1",
    ],
    [
        "%%sql\ncreate sequence q9",
        ("%%sql\nselect nextval('q9')::int as n", "", "%%sql\nselect nextval('q9') as n, 1 as m"),
        (
            "%%sql\ncreate table $t1 (n integer default nextval('q9'), a integer)",
            "%%sql\ncreate table $t1 (n integer, a integer)",
        ),
        ("%%sql\ninsert into $t1 (a) values (1), (2)", "%%sql\ninsert into $t1 (a) values (1)"),
        "%%sql\nselect * from $t1",
        ("%%sql\nselect nextval('q9')::int as n", ""),
    ],
    [
        "%%sql\ncreate table $t1 (a integer primary key, b integer)",
        "%%sql\ninsert into $t1 values (1, 1)",
        (
            # DuckDB itself puts several rows in one order or another, if their keys were deleted.
            (
                "%%sql\ninsert or ignore into $t1 values (1, 2);\n"
                "insert or ignore into $t1 values (2, 2)"
            ),
            "%%sql\ninsert into $t1 values (1, $k)",
            "%%sql\ninsert or replace into $t1 values (1, 3)",
            "%%sql\nmerge into $t1 using (select 1 x) on a = x when matched then update set b = 8",
        ),
        "%%sql\nselect * from $t1",
        ("%%sql\ncreate index x9 on $t1 (b)", ""),
        "%%sql\ndelete from $t1 where b = 1;\nselect count(*)::int as n from $t1",
    ],
    [
        ("%%sql\ncreate table x9 as select 1 as a", ""),
        ("x9 = pd.DataFrame({'a': [17]})", "x9 = pd.DataFrame({'a': [$k]})"),
        "%%sql\nselect * from x9",
        ("%%sql\ncreate temp table x9 as select 3 as a", "%%sql\ndrop table x9", ""),
        "%%sql\nselect * from x9",
        ("%%sql\ncreate view y9 as select * from x9", "%%sql\ncreate table y9 as select * from x9"),
        ("x9 = pd.DataFrame({'a': [8]})", ""),
        "%%sql\nselect * from y9",
    ],
    [
        "%%sql\ncreate or replace table $t1 as select $k as a",
        (
            "%%sql\ncreate macro m9() as table select * from $t1",
            "%%sql\ncreate or replace macro m9() as table select 4 as a",
        ),
        ("%%sql\ninsert into $t1 values (5)", ""),
        "%%sql\nselect * from m9()",
    ],
    [
        "%%sql\ncreate table $t1 as select 1 as a",
        (
            "%%sql\nbegin; insert into $t1 values (2); rollback",
            "%%sql\nbegin; insert into $t1 values (3); commit",
            "%%sql\nbegin; insert into $t1 values (4)",
        ),
        "%%sql\nselect * from $t1",
        ("%%sql\nshow tables", "%%sql\nselect count(*) as n from duckdb_tables()"),
        ("", "%%sql\ncreate table z9 as select 2 as a"),
    ],
    [
        "%%sql\ncreate table p9 (a integer primary key); insert into p9 values (1), ($k)",
        "%%sql\ncreate table c9 (a integer references p9 (a))",
        ("%%sql\ninsert into c9 values (1)", "%%sql\ninsert into c9 values (7)", ""),
        ("%%sql\ndelete from p9 where a = 1", ""),
        "%%sql\nselect (select count(*) from p9)::int as p, (select count(*) from c9)::int as c",
    ],
    [
        "%%sql\ncreate or replace table $t1 as select $k as a",
        "%%sql $d1 <<\nselect * from $t1",
        ("$d1.loc[0, 'a'] = 6", "$d2 = $d1", ""),
        "%%sql\ncreate or replace table $t1 as select a + 1 as a from $d1",
        "%%sql\nselect * from $t1",
        "print($d1.a.tolist())",
    ],
]

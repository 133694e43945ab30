import pytest

from tests.lint.shared_dialect import complaints_about


def test_shared_sql_passes() -> None:
    sql = """
        with orders as (select * from "build"."core"."core_orders")
        select brand, sum(revenue) filter (where brand is not null) as revenue
        from orders
        group by all
        qualify row_number() over (partition by brand order by brand) = 1
    """
    assert complaints_about(sql) == []


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("select strftime(day, '%Y') as year from days", "strftime"),
        ("select list_sum([1, 2]) as total", "list_sum"),
        ("select regexp_matches(name, 'a') as found from names", "regexp_matches"),
        ("select amount::double as amount from lines", "::"),
        ("select name, from names", "comma"),
        ("select * from a asof join b on a.day >= b.day", "asof"),
        ("select * from a where", "parse"),
    ],
)
def test_what_only_one_engine_understands_is_found(sql: str, complaint: str) -> None:
    assert complaint in " ".join(complaints_about(sql))

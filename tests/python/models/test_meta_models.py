"""The catalogue of models counts rows of every mart, so it has to be built after all of them."""

import re

from tests.python.support import PROJECT, marts_in_yaml


def test_it_is_built_after_every_other_mart() -> None:
    sql = (PROJECT / "models" / "marts" / "meta_models.sql").read_text(encoding="utf-8")
    listed = sql.partition("for mart in [")[2].partition("]")[0]
    named = re.findall(r'"(\w+)"', listed)
    assert sorted(named) == sorted(marts_in_yaml().keys() - {"meta_models"})

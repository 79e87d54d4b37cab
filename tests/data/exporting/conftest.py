"""A plan with everything that makes exports go wrong."""

import pytest

from data.pianqu import make_pianqu
from data.samples import write_sample


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """云城区: three compounds in a 片区, one without a boundary, one with payloads for text."""
    folder = tmp_path_factory.mktemp("plan")
    with write_sample(folder / "云城.gpkg", "yuncheng-2024", "王工") as made:
        uids = list(made.read("compounds").index)
        make_pianqu(made, "金龙{{7*7}}片区", uids[:3], "王工")
        rows = made.read("compounds")
        with made.edit("王工", "准备") as tx:
            tx.update(
                "compounds",
                uids[3],
                int(rows["version"][uids[3]]),
                {
                    "remarks": '=HYPERLINK("http://x","点")',
                    "review_number": "<img src=x onerror=alert(1)>",
                    "built_on": "1998-05-06",
                    "extra": {"电梯": "[1]", "@SUM(A1)": "+1"},
                },
            )
            tx.update("compounds", uids[4], int(rows["version"][uids[4]]), {"geometry": None})
        yield made

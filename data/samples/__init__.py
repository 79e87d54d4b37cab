"""Sample plans: two published ledgers with sketched boundaries, and a seedable city of any size."""

from data.samples.city import city
from data.samples.ledger_files import yuncheng_ledger_csv, yuncheng_ledger_xlsx
from data.samples.litong import litong_parking
from data.samples.plan import SamplePlan
from data.samples.writing import SAMPLE_IDS, sample_plan, write_sample
from data.samples.yuncheng import yuncheng_2024

__all__ = [
    "SAMPLE_IDS",
    "SamplePlan",
    "city",
    "litong_parking",
    "sample_plan",
    "write_sample",
    "yuncheng_2024",
    "yuncheng_ledger_csv",
    "yuncheng_ledger_xlsx",
]

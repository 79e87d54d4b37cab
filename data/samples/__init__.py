"""Sample plans: two published ledgers with sketched boundaries, and a seedable city of any size."""

from data.samples.city import city
from data.samples.litong import litong_parking
from data.samples.plan import SamplePlan
from data.samples.yuncheng import yuncheng_2024

__all__ = ["SamplePlan", "city", "litong_parking", "yuncheng_2024"]

"""Rules of the plans: catalogue of works, policy dates, money. Knows no geometry engine."""

"""Reports that a planner hands out: 责任分工表, 申报清单 and 月报, each as xlsx and docx.

>>> import datetime as dt
>>> report = Report(title="例", columns=(Column(head="小区", width=20),), rows=(("玉皇路小区",),),
...                 made_on=dt.date(2026, 11, 21))
>>> to_xlsx(report)[:2], to_docx(report) == to_docx(report)
(b'PK', True)
"""

from data.reports.central import central_report
from data.reports.checklist import checklist_report
from data.reports.document import to_docx
from data.reports.duty import duty_report
from data.reports.monthly import monthly_report_document
from data.reports.report import Column, Origin, Report
from data.reports.schemes import scheme_report
from data.reports.spreadsheet import to_xlsx

__all__ = [
    "Column",
    "Origin",
    "Report",
    "central_report",
    "checklist_report",
    "duty_report",
    "monthly_report_document",
    "scheme_report",
    "to_docx",
    "to_xlsx",
]

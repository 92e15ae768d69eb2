"""Reports: a run, or evaluations, as one HTML file that a person reads in a browser, without any server or network."""

from proutt.reports.report import Facts, Report, write_report
from proutt.reports.run_files import facts_of

__all__ = ["Facts", "Report", "facts_of", "write_report"]

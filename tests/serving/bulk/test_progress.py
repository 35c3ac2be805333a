from __future__ import annotations

import io

from serving.bulk.progress import Progress, progress_line, summary_line
from serving.bulk.tally import Tally


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_share_and_the_time_left_are_shown_where_the_size_is_known() -> None:
    tally = Tally(scored=1_990, flagged=3, rejected=10, seconds=10.0)
    assert progress_line(tally, 0.25) == "2,000 rows · 200 rows/s · 25% · 30.0 s left"
    assert progress_line(tally, None) == "2,000 rows · 200 rows/s"


def test_rows_of_an_earlier_run_count_for_neither_rate_nor_time_left() -> None:
    tally = Tally(scored=3_000, seconds=10.0, resumed=1_000)
    assert progress_line(tally, 0.75, begun=0.5) == "3,000 rows · 200 rows/s · 75% · 10.0 s left"
    assert progress_line(tally, 0.5, begun=0.5) == "3,000 rows · 200 rows/s · 50%"
    assert "1,000 of these rows by an earlier run; 10.0 s, 200 rows/s" in summary_line(tally)


def test_the_summary_counts_scored_flagged_and_rejected_rows() -> None:
    tally = Tally(scored=36_000, flagged=12, rejected=1, seconds=3_725.0)
    assert summary_line(tally) == (
        "36,000 scored, 12 of them flagged; 1 rejected; 1:02 h, 10 rows/s"
    )


def test_nothing_scored_in_no_time_is_summed_up_too() -> None:
    assert summary_line(Tally()).startswith("0 scored")


def test_a_shorter_line_covers_a_longer_one_and_is_cleared_at_the_end() -> None:
    terminal = Terminal()
    progress = Progress(terminal, lambda: None)
    progress(Tally(scored=1_000_000, seconds=10.0))
    progress(Tally(scored=1, seconds=10.0))
    progress.clear()
    _, long, short, blank, rest = terminal.getvalue().split("\r")
    assert len(short) == len(long)
    assert len(blank) == len(short.rstrip())
    assert not rest


def test_a_log_file_is_not_filled_with_a_line_per_chunk() -> None:
    log = io.StringIO()
    progress = Progress(log, lambda: None)
    for scored in range(100):
        progress(Tally(scored=scored, seconds=1.0))
    progress.clear()
    assert log.getvalue() == ""

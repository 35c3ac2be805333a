"""Records to write, and runs to write them in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from classifier.errors import EmptyTextError
from classifier.labels import LABELS, Facet, Label, Route, Stage
from classifier.records import Evidence, Rejection, Score
from serving.bulk.output import open_output
from serving.bulk.run import Run

RUN = Run(
    input_size=120,
    input_modified_ns=1,
    input_ends_hash="ab",
    input_format="jsonl",
    output_format="jsonl",
    model="tiny",
    policy="1",
    manifest_hash="cd",
    engine="local",
    stage="auto",
    explain=False,
)
REJECTION = Rejection("2", EmptyTextError("Nothing to score."), line=2)


def make_score(row_id: str = "p1", *, explained: bool = True) -> Score:
    return Score(
        id=row_id,
        scores={Label.SMUGGLING_SERVICE: 0.97312, Label.FAKE_JOB: 0.5},
        labels=LABELS,
        route=Route.PRIORITY,
        language="sq",
        stage=Stage.ENCODER,
        model="tiny",
        policy="1",
        facets={Facet.TRANSPORT: 0.9} if explained else None,
        evidence=(Evidence(0, 4, Label.FAKE_JOB, -0.25),) if explained else None,
    )


def make_chunks(count: int) -> list[list[Score | Rejection]]:
    """Chunks of 1, 2, 3 ... records, the last of each a rejection."""
    return [
        [*(make_score(f"p{n}-{k}", explained=bool(k % 2)) for k in range(n)), REJECTION]
        for n in range(count)
    ]


def write(
    path: Path,
    chunks: Sequence[Sequence[Score | Rejection]],
    *,
    run: Run | None = RUN,
    resumes: bool = False,
    stop_after: int | None = None,
) -> int:
    """Write the chunks that are not there yet, or stop as Ctrl-C does; return how many were."""
    done = 0
    with suppress(KeyboardInterrupt), open_output(path, run, resumes=resumes) as output:
        done = output.done.chunks
        for number, chunk in enumerate(chunks[done:], start=done):
            if number == stop_after:
                raise KeyboardInterrupt
            output.write(chunk)
    return done

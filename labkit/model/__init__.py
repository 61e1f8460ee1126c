"""labkit's values: frozen, without behavior, and without imports from the rest of labkit.

Times are aware datetimes in UTC. Addresses are strings in their usual notation.
"""

from labkit.model.evidence import (
    ApiEvent,
    CommandRecord,
    Evidence,
    Finding,
    FlowRecord,
    Source,
    SourceReport,
    SourceState,
)
from labkit.model.grades import (
    Activity,
    Answer,
    EvidenceBundle,
    Grades,
    Outcome,
    PossibleCopy,
    Proof,
    Question,
    SeatGrade,
    Submission,
    Verdict,
)
from labkit.model.incident import ExternalUse, Incident, Marks, Run
from labkit.model.plan import Action, Leftover, Plan, SelfRemoving
from labkit.model.workshop import Instance, Lab, Seat, SeatState, Via, Workshop

__all__ = [
    "Action",
    "Activity",
    "Answer",
    "ApiEvent",
    "CommandRecord",
    "Evidence",
    "EvidenceBundle",
    "ExternalUse",
    "Finding",
    "FlowRecord",
    "Grades",
    "Incident",
    "Instance",
    "Lab",
    "Leftover",
    "Marks",
    "Outcome",
    "Plan",
    "PossibleCopy",
    "Proof",
    "Question",
    "Run",
    "Seat",
    "SeatGrade",
    "SeatState",
    "SelfRemoving",
    "Source",
    "SourceReport",
    "SourceState",
    "Submission",
    "Verdict",
    "Via",
    "Workshop",
]

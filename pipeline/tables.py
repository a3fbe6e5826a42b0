"""The column contract of every stored table: one declaration that readers, writers, workbooks and documentation share."""

from pipeline.contract import (
    Column,
    Table,
    check_table,
    frame,
    joined,
    read_table,
    typed,
    words,
    write_table,
)
from pipeline.vocabulary import (
    CodingStatus,
    Direction,
    Kind,
    LinkStatus,
    PlacementStatus,
    ReadStatus,
    Role,
    Shown,
    Stance,
    Strength,
)

__all__ = [
    "ANSWERS",
    "ATTRIBUTES",
    "CODINGS",
    "EVIDENCE",
    "EXCERPTS",
    "LINKS",
    "PLACEMENTS",
    "QUEUE",
    "REJECTED",
    "SOURCES",
    "TABLES",
    "TEXTS",
    "TURNS",
    "VOTES",
    "Column",
    "Table",
    "check_table",
    "frame",
    "joined",
    "read_table",
    "typed",
    "words",
    "write_table",
]

SOURCE_ID = Column("source_id", "the source: one file, or one row of a survey")
EXCERPT_ID = Column("excerpt_id", "source_id:start-end")
START = Column("start", "first character, in code points of the canonical text", "whole")
END = Column("end", "one past the last character", "whole")
PLACE = Column("place", "where in the file: page, cue time, sheet and row, paragraph or line")
PERSON = Column("participant_id", "who speaks; blank if the speaker is not in the register")
LANGUAGE = Column("language", "language of the words")
ROLE = Column("role", "who speaks", words=words(Role))
CRITERION = Column("criterion", "id of a code of any family")
STANCE = Column("stance", "what the excerpt says about the criterion", words=words(Stance, or_blank=True))
QUESTION = Column("question", "what was asked just before")

SOURCES = Table(
    "sources",
    "Every file of raw/, and every row of a survey",
    ("path", "source_id"),
    (
        SOURCE_ID,
        Column("path", "the file, below raw/"),
        Column("kind", "what it is", words=words(Kind)),
        Column("sha256", "hash of the file's bytes"),
        Column("bytes", "size of the file", "whole"),
        Column("chars", "characters read, white space apart", "whole"),
        Column("chars_excluded", "of these, characters listed in rejected", "whole"),
        LANGUAGE,
        Column("participant_ids", "who speaks in it, joined by ;"),
        Column("reader", "format and version of the reader"),
        Column("status", "how far it was read", words=words(ReadStatus)),
        Column("note", "what a person should know about the reading"),
        Column("reading_key", "hash of all that the reading depends on"),
        Column("date", "from the register"),
        Column("site", "from the register"),
        Column(
            "copy_of", "the source whose words these are, or nearly: the same answer in two files or rows counts once"
        ),
    ),
)
TEXTS = Table(
    "texts",
    "The canonical text that every offset points into",
    ("source_id",),
    (
        SOURCE_ID,
        Column("text", "Unicode NFC, lines ended by LF"),
        Column("text_sha256", "hash of the text's UTF-8"),
    ),
)
TURNS = Table(
    "turns",
    "One person speaking once, one answer, or one paragraph",
    ("source_id", "turn"),
    (
        SOURCE_ID,
        Column("turn", "number within the source, from 1", "whole"),
        Column("speaker", "the label in the source"),
        ROLE,
        PERSON,
        START,
        END,
        QUESTION,
        PLACE,
        LANGUAGE,
        Column("heading", "headings above it, or the survey's column"),
    ),
)
ANSWERS = Table(
    "answers",
    "Closed survey answers",
    ("source_id", "column"),
    (
        SOURCE_ID,
        Column("column", "the question, with the column's name where several ask the same"),
        Column("value", "the answer as exported"),
        QUESTION,
        Column("label", "what the value means, where a form or data file says so; else the value"),
    ),
)
ATTRIBUTES = Table(
    "attributes",
    "What `[[surveys]]` says of who answers in a row",
    ("source_id", "attribute"),
    (
        SOURCE_ID,
        Column("attribute", "such as stakeholder_group, as in the register of participants"),
        Column("value", "the cell of the survey, or the value for all its rows"),
    ),
)
EXCERPTS = Table(
    "excerpts",
    "The units that are coded",
    ("source_id", "start", "end"),
    (
        EXCERPT_ID,
        SOURCE_ID,
        Column("turn", "number of the turn", "whole"),
        PERSON,
        ROLE,
        LANGUAGE,
        START,
        END,
        Column("text", "the words, exactly as in the canonical text"),
        Column("text_sha256", "hash of the words"),
        QUESTION,
        PLACE,
    ),
)
VOTES = Table(
    "votes",
    "One voter's opinion on one excerpt and criterion",
    ("excerpt_id", "criterion", "voter"),
    (
        EXCERPT_ID,
        CRITERION,
        Column("voter", "rule:<pattern>, classifier:<model> or coder:<name>"),
        Column("vote", "1 yes, 0 no; a voter without an opinion casts no vote", "whole"),
        Column("score", "how sure the voter is, 0 to 1", "number"),
        STANCE,
        Column("because", "JSON: the words or terms, with weights"),
        Column("version", "of the rules, the model or the decision"),
    ),
)
CODINGS = Table(
    "codings",
    "The outcome of votes and decisions: a row per respondent's excerpt and code",
    ("excerpt_id", "criterion"),
    (
        EXCERPT_ID,
        CRITERION,
        Column("coded", "whether the excerpt carries the code", "truth"),
        Column("probability", "that a careful coder would give the code", "number"),
        STANCE,
        Column("status", "who made it", words=words(CodingStatus)),
        Column("decided_by", "coders, joined by ;, or the model"),
        Column("doubtful", "whether it is between the two thresholds and waits for a person", "truth"),
    ),
)
LINKS = Table(
    "links",
    "Excerpts that bear on a finding",
    ("finding_id", "excerpt_id"),
    (
        Column("finding_id", "the finding"),
        EXCERPT_ID,
        Column("direction", "what it does to the finding", words=words(Direction)),
        Column("score", "similarity to the finding's statement, 0 to 1", "number"),
        Column("status", "whether a person has confirmed or rejected the link", words=words(LinkStatus)),
        Column("decided_by", "coders, joined by ;, or the model"),
    ),
)
REJECTED = Table(
    "rejected",
    "What was left out, and why",
    ("stage", "source_id", "place", "reason", "chars"),
    (
        Column("stage", "where it was left out"),
        SOURCE_ID,
        PLACE,
        Column("reason", "why"),
        Column("chars", "characters left out, white space apart", "whole"),
    ),
    repeats=True,
)
QUEUE = Table(
    "queue",
    "What a person should look at first, and why",
    ("rank",),
    (
        Column("rank", "place in the queue, from 1", "whole"),
        EXCERPT_ID,
        Column("reason", "the most important reason", words=("stale", "conflict", "strength", "contrary")),
        Column("about", "the code or finding"),
    ),
)
PLACEMENTS = Table(
    "placements",
    "Decided passages that are not where they were: carried to another place, or stale",
    ("decided_on", "text_sha256"),
    (
        Column("decided_on", "the excerpt that was decided on"),
        Column("text_sha256", "hash of the words that were decided on"),
        Column("status", "what became of it", words=words(PlacementStatus)),
        Column(
            "now_at",
            "the excerpt with the same words; for a stale one the excerpt in its place, if any",
        ),
        Column("decisions", "lines of the ledger on it", "whole"),
        Column("text", "for a stale one: the words that were decided on, where they are kept"),
    ),
)
EVIDENCE = Table(
    "evidence",
    "One row per link: the evidence for each finding",
    ("finding_id", "excerpt_id"),
    (
        Column("finding_id", "the finding"),
        Column("strength", "of the finding, by the study's rule", words=words(Strength)),
        Column("direction", "what the excerpt does to the finding", words=words(Direction)),
        Column("status", "whether a person has confirmed or rejected the link", words=words(LinkStatus)),
        EXCERPT_ID,
        SOURCE_ID,
        Column("participant", "code of the person who speaks; blank for documents"),
        Column("kind", "kind of source", words=words(Kind)),
        Column("group", "the person's stakeholder group"),
        Column("country", "from the register of participants"),
        Column("gender", "from the register of participants"),
        LANGUAGE,
        PLACE,
        CRITERION,
        STANCE,
        Column("probability", "that a careful coder would give the criterion", "number"),
        Column("coding_status", "who made the coding", words=words(CodingStatus)),
        Column("score", "similarity to the finding's statement, 0 to 1", "number"),
        QUESTION,
        Column("shown", "whether the words are shown, or withheld at the speaker's wish", words=words(Shown)),
        Column("quote", "the exact words, or a note where they are withheld"),
        Column("because", "why the machine coded it, in words"),
    ),
)
TABLES = (SOURCES, TEXTS, TURNS, ANSWERS, ATTRIBUTES, EXCERPTS, VOTES, CODINGS, LINKS, REJECTED, QUEUE, PLACEMENTS)

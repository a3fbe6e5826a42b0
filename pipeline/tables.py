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
    Identity,
    Kind,
    LinkStatus,
    MaskStatus,
    PlacementStatus,
    ReadStatus,
    Role,
    Shown,
    Stance,
    Strength,
    Sureness,
)

__all__ = [
    "ANSWERS",
    "ATTRIBUTES",
    "CODED_QUOTES",
    "CODINGS",
    "EVIDENCE",
    "EXCERPTS",
    "LINKS",
    "MASKS",
    "PLACEMENTS",
    "QUEUE",
    "READING",
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

SOURCE_ID = Column("source_id", "one file, or one row of a survey")
EXCERPT_ID = Column("excerpt_id", "source_id:start-end")
START = Column("start", "first character", "whole")
END = Column("end", "one past the last character", "whole")
PLACE = Column("place", "where in the file")
PERSON = Column("participant_id", "who speaks; blank if not in the register")
LANGUAGE = Column("language", "language of the words")
ROLE = Column("role", "who speaks", words=words(Role))
CRITERION = Column("criterion", "id of a code of any family")
STANCE = Column("stance", "what the excerpt says about it", words=words(Stance, or_blank=True))
QUESTION = Column("question", "what was asked just before")
TURN = Column("turn", "number within the source, from 1", "whole")
KIND = Column("kind", "kind of source", words=words(Kind))
FINDING_ID = Column("finding_id", "the finding")
DIRECTION = Column("direction", "what the excerpt does to the finding", words=words(Direction))
PROBABILITY = Column("probability", "that a careful coder would give the code", "number")
BEARING = Column("bearing", "probability that it bears on the finding", "number")

SOURCES = Table(
    "sources",
    "Every file of raw/, and every row of a survey",
    ("path", "source_id"),
    (
        SOURCE_ID,
        Column("path", "the file, below raw/"),
        KIND,
        Column("sha256", "hash of the file"),
        Column("bytes", "size", "whole"),
        Column("chars", "characters read, white space apart", "whole"),
        Column("chars_excluded", "of these, listed in rejected", "whole"),
        LANGUAGE,
        Column("participant_ids", "who speaks in it, joined by ;"),
        Column("reader", "reader and its version"),
        Column("status", "whether it was read", words=words(ReadStatus)),
        Column("note", "what to know about the reading"),
        Column("reading_key", "hash of what the reading depends on"),
        Column("date", "from the register"),
        Column("site", "from the register"),
        Column("copy_of", "the source with the same words; they count once"),
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
        TURN,
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
        Column("column", "the question, with the column's name if needed"),
        Column("value", "the answer as exported"),
        QUESTION,
        Column("label", "what the value means"),
    ),
)
ATTRIBUTES = Table(
    "attributes",
    "What `[[surveys]]` says of the people who answer",
    ("source_id", "attribute"),
    (
        SOURCE_ID,
        Column("attribute", "such as stakeholder_group"),
        Column("value", "its value"),
    ),
)
EXCERPTS = Table(
    "excerpts",
    "The units that are coded",
    ("source_id", "start", "end"),
    (
        EXCERPT_ID,
        SOURCE_ID,
        TURN,
        PERSON,
        ROLE,
        LANGUAGE,
        START,
        END,
        Column("text", "the exact words"),
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
        Column("vote", "1 yes, 0 no; no opinion: no row", "whole"),
        Column("score", "how sure the voter is, 0 to 1", "number"),
        STANCE,
        Column(
            "because",
            "JSON: terms, with weights; definition: a code without examples, suggested: one with too few; both suggested only",
        ),
        Column("version", "of the rules, the model or the decision"),
    ),
)
CODINGS = Table(
    "codings",
    "The outcome for each respondent's excerpt and code",
    ("excerpt_id", "criterion"),
    (
        EXCERPT_ID,
        CRITERION,
        Column("coded", "whether the excerpt carries the code", "truth"),
        PROBABILITY,
        STANCE,
        Column("status", "who made it", words=words(CodingStatus)),
        Column("decided_by", "coders, joined by ;, or the model"),
        Column("doubtful", "between two thresholds: a person decides", "truth"),
    ),
)
LINKS = Table(
    "links",
    "Excerpts that bear on a finding",
    ("finding_id", "excerpt_id"),
    (
        FINDING_ID,
        EXCERPT_ID,
        DIRECTION,
        Column("score", "similarity to the finding's statement, 0 to 1", "number"),
        BEARING,
        Column("status", "what people decided", words=words(LinkStatus)),
        Column("decided_by", "coders, joined by ;, or the model"),
    ),
)
READING = Table(
    "reading",
    "How each transcript was read, and how sure that is",
    ("source_id",),
    (
        SOURCE_ID,
        Column("layout", "how the file writes who speaks"),
        Column("runner_up", "the second best layout"),
        Column("margin", "by how much the best is better, 0 to 1", "number"),
        Column("sureness", "how sure that is", words=words(Sureness)),
        Column("undecided", "what a person must decide, joined by ;"),
        Column("waiting", "words that do not count until then", "whole"),
        Column("speakers", "how many speak", "whole"),
        Column("roles", "JSON, per speaker: role and why, turns, words, questions"),
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
MASKS = Table(
    "masks",
    "Names in the words of sources, and numbers and places that identify people; no column holds the names themselves",
    ("source_id", "start"),
    (
        SOURCE_ID,
        START,
        END,
        Column("source_start", "its first character in the text as read", "whole"),
        Column("source_end", "one past its last", "whole"),
        Column("kind", "what it is", words=words(Identity)),
        Column("status", "what became of it", words=words(MaskStatus)),
        Column("chars", "its characters, white space apart", "whole"),
        Column("name_id", "its row in coded/names.csv; blank outside turns"),
    ),
)
QUEUE = Table(
    "queue",
    "What a person should look at first, and why",
    ("rank",),
    (
        Column("rank", "place in the queue, from 1", "whole"),
        EXCERPT_ID,
        Column("reason", "the main reason", words=("stale", "conflict", "strength", "contrary")),
        Column("about", "the code or finding"),
    ),
)
PLACEMENTS = Table(
    "placements",
    "Decided passages that moved, are stale or are withheld",
    ("decided_on", "text_sha256"),
    (
        Column("decided_on", "the excerpt that was decided on"),
        Column("text_sha256", "hash of its words"),
        Column("status", "what became of it", words=words(PlacementStatus)),
        Column("now_at", "the same words; if stale, the excerpt in their place"),
        Column("decisions", "lines of the ledger on it", "whole"),
        Column("text", "if stale: the old words, if kept"),
    ),
)
EVIDENCE = Table(
    "evidence",
    "One row per link: the evidence for each finding",
    ("finding_id", "excerpt_id"),
    (
        FINDING_ID,
        Column("strength", "of the finding, by the study's rule", words=words(Strength)),
        DIRECTION,
        Column("status", "what people decided", words=words(LinkStatus)),
        EXCERPT_ID,
        SOURCE_ID,
        Column("participant", "code of the person; blank for documents"),
        KIND,
        Column("group", "the person's stakeholder group"),
        Column("country", "from the register of participants"),
        Column("gender", "from the register of participants"),
        LANGUAGE,
        PLACE,
        CRITERION,
        STANCE,
        PROBABILITY,
        Column("coding_status", "who made the coding", words=words(CodingStatus)),
        Column("score", "similarity to the finding's statement, 0 to 1", "number"),
        BEARING,
        QUESTION,
        Column("shown", "whether the words are shown", words=words(Shown)),
        Column("quote", "the exact words, or a note"),
        Column("because", "why the machine coded it"),
    ),
)
CODED_QUOTES = Table(
    "coded_quotes",
    "One row per excerpt and code that somebody or the machine gives it: the table that `export` writes",
    ("source_id", "start", "criterion"),
    (
        EXCERPT_ID,
        SOURCE_ID,
        KIND,
        PLACE,
        START,
        END,
        Column("participant", "code of the person; blank for documents"),
        Column("group", "the person's stakeholder group"),
        Column("country", "from the register of participants"),
        Column("gender", "from the register of participants"),
        LANGUAGE,
        QUESTION,
        Column("shown", "whether the words are shown", words=words(Shown)),
        Column("quote", "the exact words, or a note"),
        CRITERION,
        Column("code_path", "family, codes above it, and the code, by name"),
        Column("coded", "whether the excerpt carries the code in the end", "truth"),
        STANCE,
        Column("coding_status", "who made the coding", words=words(CodingStatus)),
        Column("people_yes", "coders who give the code, joined by ;"),
        Column("people_no", "coders who decided against it, joined by ;"),
        Column("people_stances", "stances by coder: ana=positive;leo=mixed"),
        Column("machine", "what the machine says", words=("yes", "no", "")),
        Column("machine_stance", "stance by the machine", words=words(Stance, or_blank=True)),
        PROBABILITY,
        Column("finding_ids", "findings of this code that it is linked to, joined by ;"),
        Column("directions", "what it does to each, in the same order"),
        Column("link_status", "what people decided on each, in the same order"),
    ),
)
TABLES = (
    SOURCES,
    TEXTS,
    TURNS,
    ANSWERS,
    ATTRIBUTES,
    EXCERPTS,
    VOTES,
    CODINGS,
    LINKS,
    READING,
    REJECTED,
    MASKS,
    QUEUE,
    PLACEMENTS,
)

"""The column contract of every stored table: one declaration that readers, writers, workbooks and documentation share."""

from pipeline.contract import (
    Column,
    Table,
    check_table,
    frame,
    is_among,
    joined,
    read_table,
    rows_of,
    typed,
    words,
    write_table,
)
from pipeline.vocabulary import (
    CodingStatus,
    CorrectionStatus,
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
    "CORRECTIONS",
    "EVIDENCE",
    "EXCERPTS",
    "LINKS",
    "MASKS",
    "PLACEMENTS",
    "QUEUE",
    "READING",
    "REJECTED",
    "SOURCES",
    "SPANS",
    "TABLES",
    "TEXTS",
    "TURNS",
    "VOTES",
    "Column",
    "Table",
    "check_table",
    "frame",
    "is_among",
    "joined",
    "read_table",
    "rows_of",
    "typed",
    "words",
    "write_table",
]

SOURCE_ID = Column("source_id", "one file, or one survey row")
EXCERPT_ID = Column("excerpt_id", "source_id:start-end")
START = Column("start", "offset of the first character", "whole")
END = Column("end", "offset after the last", "whole")
PLACE = Column("place", "where in the file")
PERSON = Column("participant_id", "who speaks; blank: not in the register")
LANGUAGE = Column("language", "of the words")
ROLE = Column("role", "who speaks", words=words(Role))
CRITERION = Column("criterion", "a code of any family")
STANCE = Column("stance", "towards the code", words=words(Stance, or_blank=True))
QUESTION = Column("question", "asked just before")
TURN = Column("turn", "its number in the source, from 1", "whole")
KIND = Column("kind", "of source", words=words(Kind))
FINDING_ID = Column("finding_id", "")
DIRECTION = Column("direction", "of the excerpt towards the finding", words=words(Direction))
PROBABILITY = Column("probability", "that a careful coder would give the code", "number")
SPAN = Column("span", "the words of the quote that coders marked; blank: none")
SPAN_AT = Column("span_at", "where these are in the quote: `0-12;20-31`")
BEARING = Column("bearing", "probability of bearing on the finding", "number")

SOURCES = Table(
    "sources",
    "Every file of raw/ and every survey row",
    ("path", "source_id"),
    (
        SOURCE_ID,
        Column("path", "below raw/"),
        KIND,
        Column("sha256", ""),
        Column("bytes", "", "whole"),
        Column("chars", "characters after corrections, without white space", "whole"),
        Column("chars_excluded", "of these, listed in rejected", "whole"),
        LANGUAGE,
        Column("participant_ids", "who speaks, joined by ;"),
        Column("reader", "with its version"),
        Column("status", "", words=words(ReadStatus)),
        Column("note", ""),
        Column("reading_key", "hash of all that the reading depends on"),
        Column("date", ""),
        Column("site", ""),
        Column("copy_of", "source with the same words; both count as one"),
        Column("refused", "keys of people who refuse and whose words were left out here, joined by ;"),
    ),
)
TEXTS = Table(
    "texts",
    "The canonical text that every offset points into",
    ("source_id",),
    (
        SOURCE_ID,
        Column("text", "Unicode NFC, lines end with LF"),
        Column("text_sha256", ""),
    ),
)
TURNS = Table(
    "turns",
    "One person speaking once, one answer, or one paragraph",
    ("source_id", "turn"),
    (
        SOURCE_ID,
        TURN,
        Column("speaker", "label in the source"),
        ROLE,
        PERSON,
        START,
        END,
        QUESTION,
        PLACE,
        LANGUAGE,
        Column("heading", "headings above, or the survey's column"),
    ),
)
ANSWERS = Table(
    "answers",
    "Closed survey answers",
    ("source_id", "column"),
    (
        SOURCE_ID,
        Column("column", "its question, with its name if needed"),
        Column("value", "as exported"),
        QUESTION,
        Column("label", "its meaning"),
    ),
)
ATTRIBUTES = Table(
    "attributes",
    "`attributes` and `same_for_all` of `[[surveys]]`",
    ("source_id", "attribute"),
    (
        SOURCE_ID,
        Column("attribute", ""),
        Column("value", ""),
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
        Column("text", ""),
        Column("text_sha256", ""),
        QUESTION,
        PLACE,
    ),
)
VOTES = Table(
    "votes",
    "One voter's opinion on an excerpt and a code",
    ("excerpt_id", "criterion", "voter"),
    (
        EXCERPT_ID,
        CRITERION,
        Column("voter", "rule:<pattern>, classifier:<model> or coder:<name>"),
        Column("vote", "1 yes, 0 no; no opinion: no row", "whole"),
        Column("score", "of the voter, 0 to 1", "number"),
        STANCE,
        Column(
            "because",
            "JSON: `terms` with weights; `definition` or `suggested` if there are no or too few examples; of a coder the line of "
            "the ledger, `decision`, and after a merge of codes further lines, `with`",
        ),
        Column("version", "of rules, model or decision"),
    ),
)
CODINGS = Table(
    "codings",
    "The outcome per respondent's excerpt and code",
    ("excerpt_id", "criterion"),
    (
        EXCERPT_ID,
        CRITERION,
        Column("coded", "whether it carries the code", "truth"),
        PROBABILITY,
        STANCE,
        Column("status", "origin: as coding_status"),
        Column("decided_by", "coders, joined by ;, or the model"),
        Column("doubtful", "whether a person must decide", "truth"),
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
        Column("score", "similarity to the statement, 0 to 1", "number"),
        BEARING,
        Column("status", "what people decided", words=words(LinkStatus)),
        Column("decided_by", "coders, joined by ;, or the model"),
    ),
)
READING = Table(
    "reading",
    "How each transcript was read",
    ("source_id",),
    (
        SOURCE_ID,
        Column("layout", ""),
        Column("runner_up", "second-best layout"),
        Column("margin", "between the two, 0 to 1", "number"),
        Column("sureness", "", words=words(Sureness)),
        Column("undecided", "what a person must decide, joined by ;"),
        Column("waiting", "words not counted until then", "whole"),
        Column("speakers", "", "whole"),
        Column("roles", "JSON: role of each speaker, why, and counts"),
    ),
)
REJECTED = Table(
    "rejected",
    "What was left out",
    ("stage", "source_id", "place", "reason", "chars"),
    (
        Column("stage", ""),
        SOURCE_ID,
        PLACE,
        Column("reason", ""),
        Column("chars", "characters, without white space", "whole"),
    ),
    repeats=True,
)
MASKS = Table(
    "masks",
    "Masked names, numbers and places, without the words themselves",
    ("source_id", "start"),
    (
        SOURCE_ID,
        START,
        END,
        Column("source_start", "first character in the text as read", "whole"),
        Column("source_end", "one past the last", "whole"),
        Column("kind", "", words=words(Identity)),
        Column("status", "", words=words(MaskStatus)),
        Column("chars", "characters, without white space", "whole"),
        Column("name_id", "row in coded/names.csv; blank outside turns"),
    ),
)
CORRECTIONS = Table(
    "corrections",
    "What became of the rows of coded/corrections.csv that hold, without the words themselves",
    ("source_id", "correction"),
    (
        SOURCE_ID,
        Column("correction", "hash of the row's source, words, nth, corrected, speaker, new_speaker"),
        Column("status", "", words=words(CorrectionStatus)),
        Column("is_speaker", "whether it is of who speaks", "truth"),
        TURN,
        START,
        END,
        Column("source_start", "first character in the text as read; all are 0 if not applied", "whole"),
        Column("source_end", "one past the last", "whole"),
        Column("chars", "characters of the words in the file, without white space", "whole"),
        Column("chars_now", "of the words that took their place", "whole"),
    ),
)
QUEUE = Table(
    "queue",
    "What a person should review first",
    ("rank",),
    (
        Column("rank", "", "whole"),
        EXCERPT_ID,
        Column("reason", "", words=("stale", "conflict", "strength", "contrary")),
        Column("about", "code or finding"),
    ),
)
PLACEMENTS = Table(
    "placements",
    "Decided excerpts that are no longer where they were decided on",
    ("decided_on", "text_sha256", "now_at"),
    (
        Column("decided_on", "excerpt decided on"),
        Column("text_sha256", ""),
        Column("status", "", words=words(PlacementStatus)),
        Column("now_at", "an excerpt with the same words; if stale, the one in their place"),
        Column("decisions", "lines of the ledger on it", "whole"),
        Column("text", "old words, if stale and kept"),
        Column("mask_changes", "JSON: start and end of masks and corrected words, then and now"),
    ),
)
SPANS = Table(
    "spans",
    "Words that coders marked for a code",
    ("excerpt_id", "criterion", "coder", "start", "end"),
    (
        EXCERPT_ID,
        CRITERION,
        Column("coder", ""),
        START,
        END,
        Column("line", "of the ledger", "whole"),
    ),
)
EVIDENCE = Table(
    "evidence",
    "One row per link: the evidence for each finding",
    ("finding_id", "excerpt_id"),
    (
        FINDING_ID,
        Column("strength", "of the finding", words=words(Strength)),
        DIRECTION,
        Column("status", "what people decided", words=words(LinkStatus)),
        EXCERPT_ID,
        SOURCE_ID,
        Column("participant", "code of the person; blank: document"),
        KIND,
        Column("group", "stakeholder group"),
        Column("country", "from the register"),
        Column("gender", "from the register"),
        LANGUAGE,
        PLACE,
        CRITERION,
        STANCE,
        PROBABILITY,
        Column("coding_status", "origin of the coding", words=words(CodingStatus)),
        Column("score", "similarity to the statement, 0 to 1", "number"),
        BEARING,
        QUESTION,
        Column("shown", "visibility of the words", words=words(Shown)),
        Column("quote", "the exact words, or a note"),
        SPAN,
        SPAN_AT,
        Column("because", "why the machine coded it"),
    ),
)
CODED_QUOTES = Table(
    "coded_quotes",
    "One row per excerpt and code given by somebody or the machine: the table that `export` writes",
    ("source_id", "start", "criterion"),
    (
        EXCERPT_ID,
        SOURCE_ID,
        KIND,
        PLACE,
        START,
        END,
        Column("participant", "code of the person; blank: document"),
        Column("group", "stakeholder group"),
        Column("country", "from the register"),
        Column("gender", "from the register"),
        LANGUAGE,
        QUESTION,
        Column("shown", "visibility of the words", words=words(Shown)),
        Column("quote", "the exact words, or a note"),
        SPAN,
        SPAN_AT,
        CRITERION,
        Column("code_path", "names of family, codes above, code"),
        Column("coded", "whether it carries the code in the end", "truth"),
        STANCE,
        Column("coding_status", "origin of the coding", words=words(CodingStatus)),
        Column("people_yes", "coders who give the code, joined by ;"),
        Column("people_no", "coders who deny it, joined by ;"),
        Column("people_stances", "such as ana=positive;leo=mixed"),
        Column("machine", "opinion of the machine", words=("yes", "no", "")),
        Column("machine_stance", "stance of the machine", words=words(Stance, or_blank=True)),
        PROBABILITY,
        Column("finding_ids", "linked findings of this code, joined by ;"),
        Column("directions", "towards each, in the same order"),
        Column("link_status", "of each link, in the same order"),
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
    CORRECTIONS,
    QUEUE,
    PLACEMENTS,
    SPANS,
)

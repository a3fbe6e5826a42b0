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
    ArrowStatus,
    Coders,
    CodingStatus,
    CorrectionStatus,
    Direction,
    ElementKind,
    ElementStatus,
    Identity,
    Kind,
    LinkStatus,
    MaskStatus,
    Order,
    PlacementStatus,
    PrevalenceStatus,
    ReadStatus,
    Role,
    SaturationStatus,
    Shown,
    Stance,
    Strength,
    Sureness,
)

__all__ = [
    "ANSWERS",
    "ATTRIBUTES",
    "CAUSAL_PATHS",
    "CODED_QUOTES",
    "CODINGS",
    "COOCCURRENCE",
    "CORRECTIONS",
    "COUNTS",
    "EVIDENCE",
    "EXCERPTS",
    "LINKS",
    "MASKS",
    "MATRIX",
    "PLACEMENTS",
    "PREVALENCE",
    "PROFILES",
    "QUEUE",
    "READING",
    "REJECTED",
    "SATURATION",
    "SOURCES",
    "SPANS",
    "TABLES",
    "TEXTS",
    "THEORY_OF_CHANGE",
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
        Column("voter", "rule:<pattern>, classifier:<model>, voter:<name> or coder:<name>"),
        Column("vote", "1 yes, 0 no; no opinion: no row", "whole"),
        Column("score", "of the voter, 0 to 1", "number"),
        STANCE,
        Column(
            "because",
            "JSON: `terms` with weights; `definition` or `suggested` if there are no or too few examples; of a further voter the "
            "`quote` that it rests on; of a coder the line of "
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
THE_SAME_FOR_THE_MACHINE = "the same for the machine's codings"
THE_SAME_WHERE_THE_MACHINE_ALONE_CODED = "the same where the machine alone coded"


def _counts(*names: str, says: str, prefix: str = "") -> tuple[Column, ...]:
    """Columns of counts that have one meaning; counts of persons are texts, because small ones are shown as `<5`."""
    return tuple(Column(f"{prefix}{name}", says) for name in names)


MATRIX = Table(
    "matrix.csv",
    "A row for every criterion, kind of source and group, even if nobody spoke",
    ("criterion", "kind", "group"),
    (
        CRITERION,
        KIND,
        Column("group", "stakeholder group; blank: documents, and persons without one"),
        *_counts("persons", "sources", "excerpts", says="distinct ones that carry the code"),
        *_counts(*Stance, says="of these excerpts, by stance"),
    ),
)
PREVALENCE = Table(
    "prevalence.csv",
    "The share of persons who speak of each code",
    ("criterion", "attribute", "value"),
    (
        CRITERION,
        Column("attribute", "such as `gender`; blank: all persons"),
        Column("value", "such as `woman`; blank: all persons, or those without one"),
        Column("persons", "who answer"),
        Column("coded_persons", "of these, those with a coded excerpt, plainly counted"),
        Column("coded_share", "their share, plainly counted"),
        Column("share", "the estimate; blank unless `estimated`"),
        *_counts("low", "high", says="its 95% interval"),
        Column("drawn", "excerpts drawn at random and decided"),
        Column("drawn_from", "of how many"),
        Column("more", "further ones needed for about ± 10 points"),
        Column(
            "status",
            "of the estimate; withheld if the group is smaller than `smallest_cell`",
            words=words(PrevalenceStatus),
        ),
    ),
)
SATURATION = Table(
    "saturation.csv",
    "What further interviews add: a row for each",
    ("codings", "order", "interview"),
    (
        Column("codings", "whose codings are counted", words=words(Coders)),
        Column(
            "order", "of the interviews: by their dates, or means over random orders", words=words(Order, or_blank=True)
        ),
        Column("interview", "its number in that order; if nothing was counted: how many count"),
        Column("of", "of how many"),
        Column("new_codes", "codes that it adds"),
        Column("codes", "codes so far"),
        Column("share", "new information of the run of two that ends with it"),
        *_counts("low", "high", says="95% of the random orders lie between; blank for held"),
        Column("saturated", "share of the orders in which saturation is reached by then"),
        Column("status", "whether anything was counted", words=words(SaturationStatus)),
    ),
)
_PAIRED = ("excerpts", "excerpt_persons", "persons", *Stance, *(f"other_{stance}" for stance in Stance))
COOCCURRENCE = Table(
    "cooccurrence.csv",
    "Codes that occur together: a row for every two",
    ("code", "other"),
    (
        *_counts("code", "other", says="the two codes"),
        Column("excerpts", "confirmed excerpts that carry both"),
        Column("excerpt_persons", "persons who speak in them"),
        Column("persons", "persons who speak of both, in any excerpts"),
        *_counts(*Stance, says="of these excerpts, by stance on `code`"),
        *_counts(*Stance, says="of these excerpts, by stance on `other`", prefix="other_"),
        *_counts(*_PAIRED, says=THE_SAME_FOR_THE_MACHINE, prefix="machine_"),
    ),
)
_OF_A_GROUP = ("speaking", "excerpts", *Stance)
PROFILES = Table(
    "profiles.csv",
    "What persons of each group speak of: a row for every attribute, value and code, even if nobody speaks of it",
    ("attribute", "value", "criterion"),
    (
        Column("attribute", "such as `gender`"),
        Column("value", "such as `woman`; blank: persons without one"),
        CRITERION,
        Column("persons", "persons of the group who answer"),
        Column("speaking", "of these, those in confirmed excerpts that carry the code"),
        Column("excerpts", "these excerpts"),
        *_counts(*Stance, says="of these, by stance"),
        *_counts(*_OF_A_GROUP, says=THE_SAME_FOR_THE_MACHINE, prefix="machine_"),
    ),
)
_OF_AN_ELEMENT = ("persons", "supporting", "contradicting", "excerpts")
THEORY_OF_CHANGE = Table(
    "theory_of_change.csv",
    "The elements of the theory of change, if there is one",
    ("element",),
    (
        Column("element", "its id"),
        Column("kind", "of element", words=words(ElementKind)),
        Column("name", "in the study's language"),
        Column("codes", "joined by `;`; the stance on the first counts"),
        Column("leads_to", "ids of elements, joined by `;`"),
        Column("status", "how confirmed excerpts bear on it", words=words(ElementStatus)),
        Column("persons", "persons in confirmed excerpts"),
        Column("supporting", "of these, those who support it"),
        Column("contradicting", "of these, those who contradict it"),
        Column("excerpts", "confirmed excerpts"),
        Column("documents", "documents with some"),
        *_counts(*_OF_AN_ELEMENT, says=THE_SAME_WHERE_THE_MACHINE_ALONE_CODED, prefix="machine_"),
    ),
)
CAUSAL_PATHS = Table(
    "causal_paths.csv",
    "The arrows of the theory of change that are drawn or stated",
    ("influence", "consequence"),
    (
        *_counts("influence", "consequence", says="ids of elements"),
        Column(
            "status",
            "drawn and stated, by documents only or never stated, or stated but not drawn",
            words=words(ArrowStatus),
        ),
        Column("persons", "who state it in marked excerpts"),
        Column("excerpts", "these excerpts"),
        Column("documents", "documents among them"),
        Column("suggested", "unmarked excerpts that suggest it"),
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
COUNTS = (
    MATRIX,
    PREVALENCE,
    SATURATION,
    COOCCURRENCE,
    PROFILES,
    THEORY_OF_CHANGE,
    CAUSAL_PATHS,
)  # CSV files of outputs/

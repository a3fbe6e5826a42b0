"""The closed words of a study: what a source, a turn, a vote, a link or a decision can be."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

DEFAULT_SEED = 20230531  # where chance starts in a study that names no seed


class Kind(StrEnum):
    """What a source is."""

    INTERVIEW = "interview"
    SURVEY = "survey"
    DOCUMENT = "document"


class Role(StrEnum):
    """Who speaks in a turn. Only a respondent's words are evidence; a document speaks as its own respondent."""

    INTERVIEWER = "interviewer"
    RESPONDENT = "respondent"
    OTHER = "other"


class RoleEvidence(StrEnum):
    """The evidence for a speaker's role."""

    SOURCES = "sources"
    HEADER = "header"
    ROLE_WORD = "role word"
    SETTINGS = "settings"
    REGISTER = "register"
    PAIR = "pair of letters"
    EVERYBODY = "speaks with everybody"
    ANSWERS = "answers who asks"
    QUESTIONS = "questions"
    LENGTH = "length of turns"
    ONLY_ONE_LEFT = "only one left"
    CODE = "code"
    MARKED_QUESTIONS = "marked questions"
    NO_QUESTIONS = "no questions"
    UNKNOWN = "unknown"


class Sureness(StrEnum):
    """How sure the reading of a transcript is."""

    SURE = "sure"
    LIKELY = "likely"
    UNDECIDED = "undecided"


class Undecided(StrEnum):
    """Why a person must decide how a transcript is read."""

    NO_SPEAKERS = "no speakers, and questions"
    NOBODY_ASKS = "nobody asks"
    LABEL_MISSING = "label never matched"
    BEGINNING_LEFT_OUT = "beginning left out"
    END_LEFT_OUT = "end left out"
    MIDDLE_LEFT_OUT = "stretches left out"
    LABEL_TWICE = "same label twice"
    NOBODY_KNOWN = "nobody of those who answer is known"
    LIST_OF_QUESTIONS = "questions without answers"
    DOCUMENT = "reads like a document"
    SEVERAL_INTERVIEWS = "several interviews"
    GUESSED = "who asks is a guess"
    UNKNOWN_SPEAKERS = "somebody is unknown"
    UNLABELLED_WORDS = "words without a label"
    NO_COLON = "labels without a colon"
    REVERSED = "those who ask say nearly all"
    SELDOM = "may be a speaker"
    IMPERSONAL = "answers of nobody"
    ONE_VOICE = "one voice"
    UNPUNCTUATED = "no speakers, and no punctuation"
    NOBODY_ANSWERS = "nobody answers"


class ReadStatus(StrEnum):
    """How far a source was read."""

    READ = "read"
    PARTIAL = "partial"
    REJECTED = "rejected"


class Stance(StrEnum):
    """The stance of an excerpt on a criterion."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    MIXED = "mixed"


class Direction(StrEnum):
    """What an excerpt does to a finding; `not_told` if its words do not say, which does not count."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    QUALIFIES = "qualifies"
    NOT_TOLD = "not_told"


DIRECTIONS = (Direction.SUPPORTS, Direction.CONTRADICTS, Direction.QUALIFIES)  # those that count
PERSON_ATTRIBUTES = ("group", "gender", "country")  # shown beside quotes, and counted


class CodingStatus(StrEnum):
    """Who made a coding: the machine, one person, several who agree, several who do not, or a ruling.

    Carried: people decided on the same words at another place in the source. Stale: the words they decided on have changed.
    """

    MACHINE = "machine"
    SINGLE = "single"
    AGREED = "agreed"
    CONFLICTED = "conflicted"
    RULED = "ruled"
    CARRIED = "carried"
    STALE = "stale"


class AgreementNorm(StrEnum):
    """What the lower bound of an alpha is good for, by the norms of Krippendorff (2004)."""

    FIRM = "firm"
    TENTATIVE = "tentative"
    NOT_ENOUGH = "not enough"
    TOO_FEW = "too few"


UNDECIDED = frozenset({CodingStatus.MACHINE, CodingStatus.STALE})  # people's decision is missing, or on other words
CONFIRMED = frozenset({CodingStatus.SINGLE, CodingStatus.AGREED, CodingStatus.RULED, CodingStatus.CARRIED})


class Coders(StrEnum):
    """Whose codings are counted: those that people confirmed, or those of the machine; never both together."""

    PEOPLE = "people"
    MACHINE = "machine"


class ElementKind(StrEnum):
    """What an element of a theory of change is."""

    ACTIVITY = "activity"
    OUTPUT = "output"
    OUTCOME = "outcome"
    IMPACT = "impact"
    ASSUMPTION = "assumption"


class ElementStatus(StrEnum):
    """What the confirmed evidence does to an element of a theory of change."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    CONTESTED = "contested"
    DOCUMENTS = "documents"
    MENTIONED = "mentioned"
    SILENT = "silent"


class LinkStatus(StrEnum):
    """The status of a link between an excerpt and a finding."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class PathStatus(StrEnum):
    """Whether an excerpt states a causal path: as coders marked it, or as its words suggest."""

    CONFIRMED = "confirmed"
    DIVIDED = "divided"
    REJECTED = "rejected"
    SUGGESTED = "suggested"


class ArrowStatus(StrEnum):
    """Whether an arrow of the theory of change is stated: by persons, by documents only, never; or stated but not drawn."""

    TOLD = "told"
    DOCUMENTS = "documents"
    UNTOLD = "untold"
    UNDRAWN = "undrawn"


class ExcerptUse(StrEnum):
    """What became of an excerpt of a respondent: used by a finding, or why not."""

    USED = "used"
    SUGGESTED = "suggested"
    REJECTED = "rejected"
    NO_FINDING = "no_finding"
    DOUBTFUL = "doubtful"
    NOT_CODED = "not_coded"
    COPY = "copy"


class Strength(StrEnum):
    """How strong the confirmed evidence of a finding is, by the study's declared rule."""

    STRONG = "strong"
    MODERATE = "moderate"
    WEAK = "weak"
    CONTESTED = "contested"
    UNSUPPORTED = "unsupported"


class Reason(StrEnum):
    """Why something that was read is left out, or is listed for a person to look at. The texts are in wording/closed.toml."""

    # Consent and persons
    REFUSED = "no consent"
    ASKED_OF_REFUSER = "asked of somebody without consent"
    PERSON_UNCLEAR = "person not identified while somebody refuses"
    PERSON_GUESSED = "person identified by a guess"
    PERSON_UNKNOWN = "person not in the register"
    PERSON_BLANK = "no person given"
    MAYBE_PERSON_COLUMN = "column that may say who answers"
    NAMES_SOMEBODY = "closed answer that names somebody"
    # Parts of transcripts and documents; a part of a text (`Part`) that is left out is its own reason
    NO_SPEAKER = "no speaker"
    NO_RESPONDENT = "nobody answers"
    FORM_FIELD = "form field"
    PLACEHOLDER = "placeholder of a form field"
    NOT_ASKED = "question of the guide that was not asked"
    FIELD_CODE = "field code"
    LIST_SIGN = "number or bullet of a list"
    INDEX_ENTRY = "index entry"
    SYMBOL = "character of a symbol font"
    REPEATED = "repeated for older versions of Word"
    HYPHEN = "hyphen at the end of a line"
    MARGIN_NUMBER = "number in the margin"
    NO_LETTERS = "paragraph without a letter"
    AFTER_THE_END = "after the end of the document"
    INVENTED = "words that speech recognition writes into silence"
    CUE_TIMES = "time stamps and cue numbers"
    CUT_CUE = "cut cue without words"
    # Pages of the web
    SCRIPT = "script or style"
    PAGE_TITLE = "title of the page"
    NAVIGATION = "navigation"
    NO_SCRIPT = "shown without scripts"
    FRAME = "frame"
    OBJECT = "object"
    DRAWING = "drawing"
    PAGE_COMMENT = "comment in the page's source"
    QUOTED_MAIL = "quoted from an earlier message"
    OTHER_FORM = "the same message in another form"
    # Characters
    CONTROL = "control characters"
    INVISIBLE = "invisible characters"
    DIRECTION = "marks of writing direction"
    SURROGATE = "halves of characters (lone surrogates)"
    # Spreadsheets and surveys
    HEADINGS = "column headings"
    OTHER_SHEET = "another sheet of the file"
    HIDDEN_SHEET = "hidden sheet"
    CELL_COMMENT = "a comment on a cell"
    DRAWN_TEXT = "text in a drawing"
    NO_VALUE = "a formula without a value"
    CELL_ERROR = "an error of the workbook"
    FORM_DEFINITION = "a form definition (XLSForm)"
    ORPHAN_ROW = "its parent row is not in the export"
    DOUBLE_ROW = "its row id comes again"
    ROW_ID = "row id"
    PERSON_COLUMN = "person column"
    IDENTIFYING_COLUMN = "column that tells who somebody is"
    IGNORED_COLUMN = "left out by config.toml"
    NO_ANSWER = "no answer"
    HEADINGS_AGAIN = "headings again"
    TOTALS = "row of totals"
    GROUP_HEADING = "heading of a group"
    BELOW_THE_TABLE = "below the table"
    PREVIEW = "preview response"
    TEST = "test response"
    SPAM = "spam response"
    UNFINISHED = "unfinished response"
    SCREENED_OUT = "screened-out response"
    NOT_APPROVED = "response not approved"
    ON_HOLD = "response on hold"
    REJECTED_RESPONSE = "rejected response"
    CONSENT_REFUSED = "consent refused in the survey"
    NO_ANSWERS = "response without answers"


# States of a survey's responses that are left out unless config.toml includes them.
RESPONSE_STATES = {
    "preview": Reason.PREVIEW,
    "test": Reason.TEST,
    "spam": Reason.SPAM,
    "unfinished": Reason.UNFINISHED,
    "screened out": Reason.SCREENED_OUT,
    "not approved": Reason.NOT_APPROVED,
    "on hold": Reason.ON_HOLD,
    "rejected": Reason.REJECTED_RESPONSE,
}


class Consent(StrEnum):
    """What a person consents to according to the register; blank if the register does not record consent.

    Withdrawn occurs in coded/refusals.jsonl only: the person took everything back, and the register cannot change that.
    """

    YES = "yes"
    NO_QUOTES = "no quotes"
    NO = "no"
    WITHDRAWN = "withdrawn"
    UNSAID = ""

    @property
    def is_used(self) -> bool:
        """Whether the person's words are used."""
        return self not in (Consent.NO, Consent.WITHDRAWN)

    @property
    def is_shown(self) -> bool:
        """Whether the person's words are shown."""
        return self.is_used and self is not Consent.NO_QUOTES


class Shown(StrEnum):
    """Whether the words of a link are shown in what is published."""

    WHOLE = "whole"
    WITHHELD = "withheld"


class NewCodebook(StrEnum):
    """With which codes a new study begins."""

    FIVE = "five"
    EMPTY = "empty"


class Edition(StrEnum):
    """For whom outputs are made; only the last two leave the team."""

    INTERNAL = "internal"
    PARTNER = "partner"
    PUBLIC = "public"


class Identifier(StrEnum):
    """What would identify a person in a released edition."""

    NAME = "name"
    ID = "id"
    FILE = "file"
    LABEL = "label"
    DENIED = "denied"
    EMAIL = "email"
    PHONE = "phone"
    WORDS = "words"


class EarlierReason(StrEnum):
    """Why counts are withheld because of an edition released before: the difference would be about few persons."""

    PERSONS = "persons"  # few persons came or went; nothing else is safe than to withhold all counts
    COUNTS = "counts"  # the same or quite other persons, but some counts moved a little


class QuoteReason(StrEnum):
    """Why a quote is left out of a released edition."""

    CONSENT = "consent"
    LANGUAGE = "language"
    IDENTIFIER = "identifier"
    RARE_TERM = "rare_term"
    FEW_PERSONS = "few_persons"


class DecisionKind(StrEnum):
    """What a person decided."""

    CODE = "code"
    UNCODE = "uncode"
    STANCE = "stance"
    LINK = "link"
    UNLINK = "unlink"
    MEMO = "memo"
    ADJUDICATE = "adjudicate"
    REVIEWED = "reviewed"
    CODEBOOK = "codebook"
    LATER = "later"
    UNDO = "undo"
    ROUND = "round"
    SPAN = "span"
    EXCERPT = "excerpt"


class BoundaryAction(StrEnum):
    """What a person does to the bounds of excerpts: cuts one in two, or joins it with the next one of the same turn."""

    CUT = "cut"
    JOIN = "join"


class Cause(StrEnum):
    """What may be behind a coding or link that moved between two runs, the nearest first."""

    DECISIONS = "decisions"
    SOURCES = "sources"
    CODEBOOK = "codebook"
    FILES = "files"
    PROGRAM = "program"
    LEARNED_FROM = "learned_from"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, change: Mapping[str, Any]) -> Cause:
        """The nearest cause of a change as `diff` gives it, with a key for each of its causes."""
        return next((cause for cause in cls if change.get(cause)), cls.UNKNOWN)


class CodebookAction(StrEnum):
    """What a recorded change of the codebook does to codes."""

    NEW = "new"
    RENAME = "rename"
    MOVE = "move"
    MERGE = "merge"
    SPLIT = "split"
    RETIRE = "retire"
    DESCRIBE = "describe"
    PATTERN = "pattern"
    DROP_PATTERN = "drop-pattern"
    ELEMENT = "element"  # of the theory of change, which names codes
    UNDO = "undo"


class CorrectionStatus(StrEnum):
    """Whether a row of coded/corrections.csv is applied, and why not."""

    APPLIED = "applied"
    NOT_FOUND = "not found"
    SEVERAL = "several places"
    CROSSES = "crosses another"
    OTHER_SPEAKER = "other speaker"
    UNKNOWN_SPEAKER = "unknown speaker"
    NO_SPEAKERS = "no speakers"


class PlacementStatus(StrEnum):
    """What became of a decided passage that is not where it was: the same words elsewhere, or other words.

    Masked: the same words at the same place of the source as it was read, where names are masked, or shown, since.
    Corrected: the same, where the transcript is corrected, or a correction withdrawn, since.
    Cut: the same words, in several excerpts now. Joined: the same words, with others in one excerpt.
    Withheld: words of somebody who does not consent, which are not in the text any more.
    """

    CARRIED = "carried"
    MASKED = "masked"
    CORRECTED = "corrected"
    CUT = "cut"
    JOINED = "joined"
    STALE = "stale"
    WITHHELD = "withheld"


class CoderView(StrEnum):
    """What a coder saw of the opinion of others while deciding: nothing, the machine's suggestion, other coders' decisions."""

    BLIND = "blind"
    SUGGESTION = "suggestion"
    OTHERS = "others"


class Lane(StrEnum):
    """Why an excerpt is handed out."""

    STALE = "stale"
    CONFLICT = "conflict"
    STRENGTH = "strength"
    CONTRARY = "contrary"
    DOUBT = "doubt"
    QUOTA = "quota"
    LINK = "link"
    RANDOM = "random"
    SECOND_CODER = "second coder"
    AGAIN = "again"
    SECOND_LOOK = "repeat"
    ROUND = "round"
    FOUND = "found"


class RowFate(StrEnum):
    """What becomes of a row of answers."""

    DECIDED = "decided"
    UNCHANGED = "unchanged"
    CONFLICTING = "conflicting"
    CONTRADICTORY = "contradictory"
    STALE = "stale"
    FOREIGN = "foreign"
    DAMAGED = "damaged"
    MISSING = "missing"


class Part(StrEnum):
    """What a stretch of a source's text is. Everything but the parts in SPOKEN is listed as an exclusion."""

    BODY = "body"
    HEADING = "heading"
    STRONG = "emphasised paragraph"
    TABLE = "table"
    FOOTNOTE = "footnote"
    TEXTBOX = "textbox"
    COMMENT = "comment"
    LABEL = "speaker label"
    NOTE = "note of the transcriber"
    TIME = "time stamp"
    HEADER = "page header"
    FOOTER = "page footer"
    DELETED = "tracked deletion"
    HIDDEN = "hidden text"
    FRONT = "front matter"
    SECTION = "section in which nobody speaks"
    MARKUP = "markup"


SPOKEN = frozenset({Part.BODY, Part.STRONG, Part.HEADING, Part.TABLE, Part.FOOTNOTE, Part.TEXTBOX})


class Order(StrEnum):
    """The order in which interviews are counted: as held, or many random orders if a date is missing."""

    HELD = "held"
    RANDOM = "random"


class SaturationStatus(StrEnum):
    """Whether saturation was counted, or what is missing for it."""

    COUNTED = "counted"
    FEW_INTERVIEWS = "too few interviews"
    FEW_CODES = "too few codes"


class PrevalenceStatus(StrEnum):
    """Whether the share of persons who speak of a code could be estimated."""

    ESTIMATED = "estimated"
    FEW = "too few drawn"
    NO_SAMPLE = "none drawn"
    WITHHELD = "withheld"


class RegisterSection(StrEnum):
    """The sections of findings.toml."""

    FINDINGS = "findings"
    CONCLUSIONS = "conclusions"
    RECOMMENDATIONS = "recommendations"
    LESSONS = "lessons"
    PRACTICES = "practices"


class ReportColumn(StrEnum):
    """What a report says of an entry, in a table or after a label."""

    NUMBER = "number"
    RECOMMENDATIONS = "recommendations"
    PRIORITY = "priority"
    TIMEFRAME = "timeframe"
    ADDRESSEES = "addressees"
    FINDINGS = "findings"
    CONCLUSIONS = "conclusions"


class RefusalKind(StrEnum):
    """Why the review page does not do what it is asked. The texts are in wording/review_page.toml."""

    NO_SUCH_EXCERPT = "no_such_excerpt"
    WORDS_CHANGED = "words_changed"
    ROUND_CLOSED = "round_closed"
    QUERY_UNCLEAR = "query_unclear"
    QUERY_NEEDS_TERM = "query_needs_term"
    QUERY_NEEDS_TERMS = "query_needs_terms"
    QUERY_NEEDS_BRACKET = "query_needs_bracket"
    QUERY_NOT_THERE = "query_not_there"
    QUERY_NEAREST = "query_nearest"
    COUNTS_IN_ROUND = "counts_in_round"
    ROUND_WITHOUT_NAME = "round_without_name"
    ROUND_WITHOUT_CODERS = "round_without_coders"
    ROUND_TOO_LARGE = "round_too_large"
    ROUND_BUSY = "round_busy"
    ROUND_NAME_TAKEN = "round_name_taken"
    ROUND_OVER = "round_over"
    ROUND_NOT_OPEN = "round_not_open"
    CUT_AT_EDGE = "cut_at_edge"
    CUT_WITHOUT_PLACE = "cut_without_place"
    JOIN_OTHER_TURN = "join_other_turn"
    BOUNDS_IN_ROUND = "bounds_in_round"
    BOUNDS_CHANGED_SINCE = "bounds_changed_since"
    NOTHING_CONFIRMED = "nothing_confirmed"
    ELEMENTS_NEED_CODES = "elements_need_codes"


class Identity(StrEnum):
    """What tells who somebody is, in a column or in words; of a column, the first counts if its heading names several."""

    EMAIL = "e-mail"
    IP = "ip"
    TELEPHONE = "telephone"
    IDENTITY_NUMBER = "identity number"
    BIRTH_DATE = "birth date"
    COORDINATES = "coordinates"
    ADDRESS = "address"
    ACCOUNT = "account"
    PLATE = "plate"
    NAME = "name"


class MaskStatus(StrEnum):
    """What became of a name or number in the words of a source; waiting: a person must decide."""

    MASKED = "masked"
    WAITING = "waiting"
    LIFTED = "lifted"


class NameDecision(StrEnum):
    """What a person decides on a name: mask it, or lift the mask."""

    MASK = "mask"
    LIFT = "lift"


class MaskEvidence(StrEnum):
    """Why words are taken for a name, or for a number or place that leads to a person."""

    FULL_NAME = "full name"
    ALIAS = "alias"
    TITLE = "title"
    SURNAME = "surname"
    FIRST_NAME = "first name"
    OTHER_SURNAME = "other surname"
    ORDINARY = "ordinary word"
    GIVEN_NAME = "given name"
    INTRODUCTION = "introduction"
    FORM = "form"
    CHECK_DIGIT = "check digit"
    WORDS_AROUND = "words around"
    NUMBER_ALONE = "number alone"
    MODEL = "model"
    ADDED = "added"


class Fault(StrEnum):
    """Why an answer of a voter, or one of its votes, does not count."""

    NO_JSON = "no json"
    CUT = "cut"
    NO_VOTE = "no vote"
    UNKNOWN_CODE = "unknown code"
    VOTED_TWICE = "voted twice"
    OTHER_WORDS = "other words"


class VoterState(StrEnum):
    """Whether a voter's votes count in a run: it answered on every text, it failed, or it needed more requests than are allowed."""

    COUNTS = "counts"
    DOWN = "down"
    NOT_ASKED = "not asked"

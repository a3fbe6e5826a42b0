"""Times as transcripts write them: 0:20, [00:00:03], #00:00:05-3#, [00.00.04], 10:15 AM, 1 hour 2 minutes, 0.00s -> 4.00s."""

import re

LONGEST = 120
SP = r"[^\S\n]"  # white space of every kind within a line
HALF = rf"(?:{SP}?[aApP]\.?{SP}?[mM]\b\.?)?"
CLOCK = rf"\d{{1,3}}:\d{{1,2}}(?::\d{{1,2}})?(?:[.,:]\d{{1,6}}|-\d(?!\d))?{HALF}"
UNIT = r"(?:horas?|hours?|heures?|hrs?|h|minutos?|minutes?|mins?|m|segundos?|seconds?|secondes?|secs?|seg|s)"
IN_WORDS = (
    rf"\d{{1,5}}(?:\.\d{{1,3}})?{SP}?{UNIT}(?:{SP}*(?:,|y|and|et|e)?{SP}*\d{{1,3}}{SP}?{UNIT}){{0,2}}(?![^\W\d_])"
)
DOTTED = r"\d{1,2}\.\d{2}\.\d{2}(?:[.,-]\d{1,3})?"
PRIMES = r"\d{1,3}['’′]\d{2}(?:''|[\"”″])"
ONE = rf"(?:{CLOCK}|{IN_WORDS}|{DOTTED}|{PRIMES})"
OPEN, CLOSE = r"[\[(<{#`]", r"[\])>}#`]"
ARROW = rf"{SP}*(?:-->?|[-–—→]|to|a|,(?=\d{{1,2}}:\d{{2}}:\d{{2}}[.])){SP}*"
MINUTE = rf"(?i:min(?:ut[oe]s?|s)?\.?){SP}?\d{{1,3}}(?::\d{{2}})?"  # min 3
LENGTH = r"(?:\[\d{1,5}\.\d{1,3}\])"  # seconds of a stretch, behind its time
BRACKETED = rf"{OPEN}{SP}*(?:{ONE}(?:{ARROW}{ONE})?|{MINUTE}){SP}*{CLOSE}(?:\(https?://[^\s()]*\)|{LENGTH})?"
# A time with or without brackets, or from when to when.
TIME = rf"{OPEN}?{SP}*{ONE}{SP}*{CLOSE}?(?:{ARROW}{OPEN}?{ONE}{SP}*{CLOSE}?)?"
# Nobody says these: in brackets, or with hours, minutes and seconds.
WRITTEN = rf"(?:{BRACKETED}|(?<![\w:.,])\d{{1,2}}:\d{{2}}:\d{{2}}(?:[.,]\d{{1,3}}|-\d(?!\d))?(?![\w:]))"
TIME_LINE = re.compile(rf"(?:\*{{1,2}}|_{{1,2}})?{TIME}(?:\*{{1,2}}|_{{1,2}})?{SP}*(?:\\|<br/?>)?$")


def is_time(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is nothing but a time, or from when to when."""
    return (
        text[start] in "[(<{#`*_0123456789" and end - start < LONGEST and TIME_LINE.match(text, start, end) is not None
    )

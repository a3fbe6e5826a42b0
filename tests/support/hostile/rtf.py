"""RTF files out of order, and a whole one with everything in it."""


def rtf(body, *, head="\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Arial;}}"):
    return f"{{\\rtf1{head}\n{body}}}".encode("latin-1")


SPOKEN = "\\pard Interviewer: What was of use?\\par Respondent: The well, and the talk beside it.\\par "


def case_28_not_rtf():
    return b"Interviewer: {\\rt is not how RTF begins."


def case_28_unknown_code_page(*, used=True):
    letters = "caf\\'e9" if used else "cafe"
    return rtf(f"\\pard {letters}\\par", head="\\ansi\\ansicpg99999\\deff0")


def case_28_binary():
    """Binary data with braces and control words in it."""
    return rtf("\\pard before {\\pict\\bin12 }}}\\par {{{\\x} after\\par ".replace("\\x", "\\x"))


def case_28_nested(depth=200_000):
    return rtf("{" * depth + "deep" + "}" * depth)


def case_28_cut():
    return rtf(SPOKEN * 3)[:-40]


def everything():
    """An RTF file with all that a reader may lose."""
    return rtf(
        "{\\stylesheet{\\s0 Normal;}{\\s1\\outlinelevel0 heading 1;}}{\\info{\\author X. Y.}}"
        "{\\header \\pard overhead\\par}{\\footer \\pard underfoot\\par}"
        "\\pard\\s1 Heading\\par \\pard\\plain plain caf\\'e9 \\u8364? \\u-10179?\\u-8704? d\\'f3nde\\par "
        "kept {\\deleted deleted} {\\v vanished} {\\revised inserted}\\par "
        "noted{\\super\\chftn{\\footnote \\pard underneath\\par}} on\\par "
        "remarked{\\*\\atnid X}{\\*\\atnauthor X. Y.}{\\*\\annotation \\pard remark\\par}\\par "
        "beside{\\shp{\\*\\shpinst{\\sp{\\sn a}{\\sv 1}}{\\shptxt \\pard boxed\\par}}{\\shprslt{\\pict 0102}boxed}}\\par "
        "{\\field{\\*\\fldinst HYPERLINK x}{\\fldrslt linked}} {\\*\\unknown skipped}\\par "
        "{\\listtext 1.\\tab}listed\\par "
        "{\\upr{old}{\\*\\ud new}}\\~x\\_y\\emdash\\ldblquote q\\rdblquote\\par "
        "\\trowd\\cellx1\\cellx2\\pard\\intbl first\\cell second\\par more\\cell\\row \\pard after\\line below\\par"
    )

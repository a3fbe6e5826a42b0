"""What `--help` shows at the end of each command: lines that can be typed."""

EXAMPLES = {
    "study": ("hallazgo study ../my-study", "hallazgo study ../my-study --codebook empty"),
    "check": ("hallazgo check --study ../my-study",),
    "analyze": (
        "hallazgo analyze --study ../my-study",
        "hallazgo analyze --study ../my-study --fresh --verbose",
    ),
    "review": ("hallazgo review --coder ana --study ../my-study",),
    "review export": ("hallazgo review export --coder ana --size 100 --blind",),
    "review import": ("hallazgo review import coded/review/review-ana.xlsx",),
    "codebook": (
        'hallazgo codebook rename priority_force use_of_force --reason "clearer"',
        'hallazgo codebook merge cost price value_for_money --reason "coders mix them up"',
    ),
    "import": (
        "hallazgo import project.qdpx",
        "hallazgo import codebook.qdc",
        "hallazgo import codings.xlsx --coder ana",
        "hallazgo import report.docx",
    ),
    "export": ("hallazgo export study.qdpx", "hallazgo export codebook.qdc", "hallazgo export quotes.csv"),
    "agree": ("hallazgo agree --study ../my-study",),
    "prevalence": ("hallazgo prevalence relevance --study ../my-study",),
    "query": (
        'hallazgo query "code:efficiency not code:sustainability" --by gender',
        "hallazgo query --by priority --by criterion --to ../crossed",
    ),
    "diff": ("hallazgo diff ../backup/my-study ../my-study",),
    "evaluate": ("hallazgo evaluate --study ../my-study", "hallazgo evaluate --gold gold.csv --json"),
    "audit": ("hallazgo audit --study ../my-study", "hallazgo audit --quick --to ../audit"),
    "trace": ("hallazgo trace F1", "hallazgo trace P-7Q3K --study ../my-study"),
    "withdraw": ("hallazgo withdraw P012 --study ../my-study",),
    "roster": ("hallazgo roster people.csv ../people.roster",),
    "release": ("hallazgo release --edition public",),
    "bench": ("hallazgo bench rules readers",),
}


def examples(command: str) -> str:
    """The end of a command's help: each example a paragraph of its own."""
    return "\n\n".join(("Examples:" if len(EXAMPLES[command]) > 1 else "Example:", *EXAMPLES[command]))

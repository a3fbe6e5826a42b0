"""The patterns of a codebook: how they are written, the word forms that they match, and the votes that they cast."""

from pipeline.codebook import Codebook
from pipeline.provenance import code_version, key_of


def version_of(codebook: Codebook) -> str:
    """The version of the votes that a codebook's patterns cast: equal where patterns and matching code are equal."""
    patterns = [(p.id, p.criterion, p.language, p.match, p.scope, p.stance, p.weight) for p in codebook.patterns]
    return key_of(code_version("tag/rules"), patterns)

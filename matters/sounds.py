"""How Chinese sounds: the pinyin of texts for the index, and what somebody types in pinyin.

Each syllable of a text begins a token that runs to the end of its run, so that a query in pinyin is the
beginning of a token: `canguan` finds 开餐馆, `anguan` does not.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from pypinyin import lazy_pinyin

from matters.scripts import runs

LONGEST = 48  # letters of a token
FEWEST = 3  # letters of a query that may be pinyin, or the first letters of syllables
SURE = 5  # letters of the pinyin of a term that is looked for inside a query
_SYLLABLE = re.compile(r"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?[aeiouv]{1,3}(?:ng?|r)?")
_UMLAUTS = str.maketrans(dict.fromkeys("üǖǘǚǜ", "v"))


@lru_cache(maxsize=4096)
def syllables(run: str) -> tuple[str, ...]:
    """The syllables of a run of Chinese characters without tones, ü as v; none for a run of rare ones."""
    found = lazy_pinyin(run, v_to_u=False, errors="ignore")
    return tuple(found) if len(found) == len(run) else ()


def sound(run: str) -> str:
    return "".join(syllables(run))


def spelled(folded: str) -> str:
    """The pinyin of a text that is Chinese throughout; else nothing."""
    pieces = list(runs(folded))
    return "".join(sound(run) for run, _cjk in pieces) if all(cjk for _run, cjk in pieces) else ""


def initials(run: str) -> str:
    """The first letters of the syllables: kcg for 开餐馆."""
    return "".join(syllable[0] for syllable in syllables(run))


def starts(texts: Iterable[str]) -> tuple[set[str], set[str]]:
    """The tokens of folded texts: pinyin from each syllable on, and first letters from each syllable on."""
    whole, first = set(), set()
    for text in texts:
        for run, cjk in runs(text):
            spoken = syllables(run) if cjk else ()
            for at in range(len(spoken) - 1):
                whole.add("".join(spoken[at:])[:LONGEST])
                if len(spoken) - at >= FEWEST:
                    first.add("".join(syllable[0] for syllable in spoken[at:])[:LONGEST])
    return whole, first


def toneless(folded: str) -> str:
    """Pinyin as it is typed without tone marks, ü as v."""
    plain = unicodedata.normalize("NFD", folded.translate(_UMLAUTS))
    return "".join(c for c in plain if not unicodedata.combining(c))


def is_syllable(run: str) -> bool:
    return bool(_SYLLABLE.fullmatch(run))


def typed(folded: str) -> str:
    """What a query says if it is pinyin throughout: its letters in one; else nothing."""
    letters = [run for run, _cjk in runs(toneless(folded))]
    joined = "".join(letters)
    return joined if len(joined) >= FEWEST and joined.isascii() and joined.isalpha() else ""

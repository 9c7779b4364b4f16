"""The common vocabulary of emotions, and the words that other corpora have for them."""

from __future__ import annotations

import re
import unicodedata

# Each emotion, and what it is called in English, German and French corpora and in file names.
SYNONYMS = {
    "angry": "anger ang wut arger colere",
    "bored": "boredom langeweile ennui",
    "calm": "calmness ruhe calme",
    "disgust": "disgusted dis ekel degout",
    "fearful": "fear fea afraid scared anxiety anxious angst peur",
    "happy": "happiness hap joy joyful freude joie",
    "neutral": "neu neutre",
    "sad": "sadness trauer traurig tristesse triste",
    "surprised": "surprise sur ps pleasantsurprise pleasantsurprised uberraschung",
}
EMOTIONS = tuple(SYNONYMS)
_EMOTION_OF = {word: name for name, words in SYNONYMS.items() for word in (name, *words.split())}


def common_label(label: str) -> str | None:
    """Return the common name of an emotion, None if the word is not known.

    Case, accents and punctuation do not matter.

    Examples
    --------
    >>> common_label("Colère"), common_label("Pleasant_surprise"), common_label("puzzled")
    ('angry', 'surprised', None)
    """
    letters = unicodedata.normalize("NFKD", label).casefold()
    return _EMOTION_OF.get(re.sub(r"[^a-z]", "", letters))

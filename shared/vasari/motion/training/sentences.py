"""What the synthetic voices say: sentences that may be used by anyone, in a fixed order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pydoc_data.topics import topics
from typing import Final

import numpy as np

_WHO: Final = (
    *("my brother", "the old baker", "Emma", "our neighbour", "Ben", "the young woman", "Philip", "your uncle"),
    *("nobody", "the captain", "Martha", "a friend of mine", "Oliver", "the whole team", "somebody", "Wendy"),
    *("the new manager", "Laura", "everybody", "the little boy", "Charlotte", "the driver", "Joshua", "my mother"),
)
_DID: Final = (
    *("bought", "found", "lost", "painted", "borrowed", "remembered", "wanted", "needed", "forgot about"),
    *("showed us", "talked about", "brought back", "laughed at", "asked for", "dropped", "moved", "mended"),
    *("looked at", "pushed", "believed in", "measured", "watched", "finished", "thought of", "threw away"),
)
_KIND: Final = (
    *("big", "small", "beautiful", "broken", "cheap", "heavy", "warm", "purple", "yellow", "lovely", "useful"),
    *("strange", "empty", "famous", "round", "shiny", "old", "quiet", "enormous", "narrow", "foolish", "new"),
)
_WHAT: Final = (
    *("boat", "map", "apple pie", "bottle of milk", "piano", "umbrella", "chair", "wooden box", "letter", "house"),
    *("photograph", "coffee machine", "pair of shoes", "book about birds", "camera", "bowl of soup", "window"),
    *("number", "garden", "movie", "telephone", "bridge", "waterfall", "puppy", "jacket", "voice", "problem"),
)
_WHEN: Final = (
    *("this morning", "a week ago", "before lunch", "last winter", "in the afternoon", "on Wednesday", "too late"),
    *("after the meeting", "by mistake", "at the market", "near the river", "in front of the shop", "again"),
    *("without a word", "for the first time", "five minutes ago", "at home", "very slowly", "in July", "upstairs"),
)
_OPENING: Final = (
    *("Well,", "You know,", "Look,", "Maybe", "I hope that", "Of course", "Honestly,", "They say that", "Imagine,"),
    *("But why do you believe that", "It is possible that", "We all know that", "Oh,", "Yes, and then", "No,"),
)
_SAYINGS: Final = (
    *("What do you mean by that?", "Please give me a moment.", "How are you?", "I do not think so.", "Thank you!"),
    *("Would you like some more?", "That is wonderful.", "Be careful with it.", "I am sorry about that.", "Why not?"),
    *("Let me show you something.", "We will see about it.", "Hello, nice to meet you.", "Have you been here before?"),
    *("It was the best summer of my life.", "Nobody told me anything.", "All of them came back in the end."),
)


def documentation() -> list[str]:
    """Plain sentences of the documentation that Python carries (PSF licence)."""
    text = "\n\n".join(topics[key] for key in sorted(topics))
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text))
    found = (s for paragraph in paragraphs for s in re.split(r"(?<=[.!?:;]) ", paragraph))
    return list(
        dict.fromkeys(s for s in found if re.fullmatch(r"[A-Z][A-Za-z ,'-]+[.:;?]", s) and 4 < len(s.split()) < 17)
    )


def everyday(rng: np.random.Generator) -> str:
    """A sentence as people say them, put together from the words above (ours, under this project's licence)."""
    if rng.random() < 0.25:
        return str(rng.choice(_SAYINGS))
    who, did, kind, what, when = (str(rng.choice(words)) for words in (_WHO, _DID, _KIND, _WHAT, _WHEN))
    article = str(rng.choice(("the", "my", "their", "that", "one")))
    sentence = f"{who} {did} {article} {kind} {what}"
    if rng.random() < 0.6:
        sentence += f" {when}"
    if rng.random() < 0.4:
        return f"{rng.choice(_OPENING)} {sentence}{rng.choice(('.', '?', '!'))}"
    return f"{sentence[0].upper()}{sentence[1:]}{rng.choice(('.', '.', '?'))}"


def sentences(rng: np.random.Generator) -> Iterator[str]:
    """Endless: half of them from the documentation, half everyday ones."""
    read = documentation()
    while True:
        yield str(rng.choice(read)) if rng.random() < 0.5 else everyday(rng)

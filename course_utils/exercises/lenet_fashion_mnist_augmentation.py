"""The check of notebook 03 on augmentation: which changes of a picture do no harm."""

from .comparing import shortly
from .feedback import NotYet
from .judging import require_attempt
from .registry import exercise

_WORDS = {"garments": {"garments"}, "digits": {"digits"}, "both": {"garments", "digits"}, "neither": set()}
_HARMLESS = {
    "mirror": "garments",
    "upside_down": "neither",
    "shift_2": "both",
    "shift_14": "neither",
    "turn_10": "both",
    "darker": "both",
}
_TOO_BOLD = {
    ("mirror", "digits"): (
        "mirrored-digits",
        "A mirrored 3 is no digit that anybody writes, and a mirrored 2 comes close to a 5 or an S. The network "
        "would learn shapes that never turn up, and blur the borders between those that do.",
        "Write 2, 3, 5 and 7 on a thin sheet and look at it from behind, against the light.",
    ),
    ("upside_down", "digits"): (
        "six-becomes-nine",
        "A 6 upside down comes close to a 9, and would keep the label 6: two classes are stirred together.",
        "Write a 6 and turn the sheet.",
    ),
    ("upside_down", "garments"): (
        "never-turns-up",
        "A boot upside down is still a boot, but no such picture is among those the network will be asked about: "
        "nobody photographs a boot like that for a shop. It would spend its few parameters on pictures that never "
        "come.",
        "Ask the second question of the rule: could it turn up?",
    ),
    ("shift_14", "garments"): (
        "cut-off",
        "14 pixels are half of the picture: what is left is a sleeve, or nothing. Nobody could name it any more.",
        "Look at the boot that was shifted by 14.",
    ),
    ("shift_14", "digits"): (
        "cut-off",
        "14 pixels are half of the picture: of an 8 shifted that far a 3 may remain, of a 1 nothing at all.",
        "Cover the left half of a few digits with your hand.",
    ),
}
_TOO_CAUTIOUS = {
    "mirror": "A mirrored shirt is a shirt. This shop shows nearly all shoes from the same side; the other shoe of the "
    "pair, or another photographer, turns that round.",
    "shift_2": "Two pixels of 28 leave everything in the frame, and no camera and no pen is more exact than that.",
    "turn_10": "10 degrees is how far people's handwriting differs, and a garment may lie a little askew.",
    "darker": "Neither a dark shirt nor a pale pencil changes the name; only the shape carries it.",
}


@exercise(
    "03.4",
    "harmless_changes",
    "harmful or harmless?",
    why="Augmentation is a claim about the world: this change does not matter. Whether that is true depends on the "
    "data, and no error message tells you.",
)
def _harmless_check(answer):
    require_attempt(answer)
    if not hasattr(answer, "keys") or set(answer.keys()) != set(_HARMLESS):
        seen = f"Expected a dictionary with {', '.join(map(repr, _HARMLESS))}."
        raise NotYet(seen, "wrong-type", hint="Keep the dictionary, and replace each `...`.")
    given = {key: str(value).strip().casefold() for key, value in answer.items()}
    unknown = [key for key in _HARMLESS if given[key] not in _WORDS]
    if unknown:
        seen = f"`{unknown[0]}` is {shortly(answer[unknown[0]])}."
        raise NotYet(seen, "unknown-word", hint='Write "garments", "digits", "both" or "neither", in quotes.')
    right = sum(given[key] == word for key, word in _HARMLESS.items())
    for key, word in _HARMLESS.items():  # what does harm first
        for pictures in sorted(_WORDS[given[key]] - _WORDS[word]):
            name, meaning, hint = _TOO_BOLD[key, pictures]
            raise NotYet(f"{right} of 6 are right. You allow `{key}` for {pictures}.", name, meaning=meaning, hint=hint)
    for key, word in _HARMLESS.items():
        for pictures in sorted(_WORDS[word] - _WORDS[given[key]]):
            seen = f"{right} of 6 are right. You forbid `{key}` for {pictures}."
            hint = "Ask both questions of the rule: the same label? Could it turn up?"
            raise NotYet(seen, "too-cautious", meaning=_TOO_CAUTIOUS[key], hint=hint)

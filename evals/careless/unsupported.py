"""The unsupported kinds: rules whose drafts say what their evidence does not carry."""

import random

from evals.careless import degree, inventions, numbers, sense
from evals.careless.scene import Rewrite, Rule, Scene
from evals.careless.trimming import connective_dropped
from evals.careless.wording import third_person
from rag.drafts import Draft

QUOTES = ("true", "true", "true", "none", "changed")
"""What a careless model quotes beside a changed statement, mostly the true sentence."""


def changed(rewrite: Rewrite) -> Rule:
    """The rule that changes the sentence, or the sentence in the third person, and cites its paper."""

    def rule(scene: Scene, rng: random.Random) -> Draft | None:
        text = rewrite(scene.text, scene, rng)
        if not text or _folded(text) in _folded(scene.abstract):
            return None
        quote = {"true": scene.sentence, "none": "", "changed": text}[rng.choice(QUOTES)]
        bare = connective_dropped(text, scene, rng) or text
        told = third_person(bare, scene, rng) or bare
        return scene.cited(rng.choice((text, told)), quote)

    return rule


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


UNSUPPORTED: dict[str, Rule] = {
    "number off": changed(numbers.number_off),
    "digits swapped": changed(numbers.digits_swapped),
    "magnitude": changed(numbers.magnitude),
    "count word": changed(numbers.count_word),
    "number of another thing": changed(numbers.number_of_another),
    "unit changed": changed(numbers.unit_changed),
    "direction flipped": changed(sense.direction_flipped),
    "negation inserted": changed(sense.negation_inserted),
    "negation removed": changed(sense.negation_removed),
    "strengthened": changed(degree.strengthened),
    "order swapped": changed(degree.order_swapped),
    "generalised": changed(degree.generalised),
    "superlative": changed(degree.superlative),
    "attributed to this paper": changed(degree.attributed),
    "entity swapped": changed(inventions.entity_swapped),
    "method swapped": changed(inventions.method_swapped),
    "setting invented": changed(inventions.setting_invented),
    "half invented": changed(inventions.half_invented),
    "claim invented": inventions.claim_invented,
    "quote from elsewhere": inventions.quote_elsewhere,
    "quote irrelevant": inventions.quote_irrelevant,
    "half cited": inventions.half_cited,
    "paper not shown": inventions.paper_invented,
    "no citation": inventions.uncited,
}
"""What must not reach the reader, by kind."""

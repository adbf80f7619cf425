"""Parts that sentences about effects are put together from: hand lists, no text of any paper.

``{a}`` is what acts, ``{b}`` a quantity, ``{c}`` a condition, ``{g}`` a group, ``{e}`` another quantity.
"""

from collections.abc import Mapping, Sequence

Signed = Mapping[int, Sequence[str]]


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text, without white space around them."""
    return tuple(line.strip() for line in text.strip().splitlines())


def _verbs(text: str) -> tuple[str, ...]:
    return tuple(text.split())


AGENTS: Signed = {
    1: lines(
        """
        {a} treatment
        treatment with {a}
        administration of {a}
        {a} administration
        exposure to {a}
        higher {a} levels
        high {a}
        elevated {a}
        increased {a} expression
        overexpression of {a}
        high levels of {a}
        {a} activation
        activation of {a}
        the presence of {a}
        induction of {a}
        upregulation of {a}
        additional {a}
        use of {a}
        having {a}
        """
    ),
    -1: lines(
        """
        loss of {a}
        lack of {a}
        {a} deficiency
        deficiency of {a}
        inhibition of {a}
        {a} inhibition
        knockdown of {a}
        silencing of {a}
        deletion of {a}
        depletion of {a}
        {a} knockout
        blockade of {a}
        blocking {a}
        the absence of {a}
        low {a} levels
        low {a}
        reduced {a}
        decreased {a} expression
        removal of {a}
        suppression of {a}
        downregulation of {a}
        ablation of {a}
        withdrawal of {a}
        """
    ),
}
"""What acts: more of it, or less. The bare name, which is commonest, is more."""

TARGETS: Mapping[str, Signed] = {
    "amount": {
        1: ("{b}", "{b}", "{b}", "{b}", "{b} in {g}", "the rate of {b}", "the extent of {b}", "overall {b}"),
        -1: ("loss of {b}", "failure of {b}", "defects in {b}"),
    },
    "occurrence": {
        1: lines(
            """
            the risk of {c}
            {c} risk
            the incidence of {c}
            {c} incidence
            the development of {c}
            the odds of {c}
            susceptibility to {c}
            the likelihood of {c}
            rates of {c}
            {c}
            """
        ),
        -1: ("protection against {c}", "resistance to {c}", "the chance of avoiding {c}"),
    },
    "course": {
        1: lines(
            """
            {c} progression
            the severity of {c}
            {c} symptoms
            {c} relapse
            complications of {c}
            """
        ),
        -1: ("recovery from {c}", "remission of {c}", "healing in {c}", "treatment success in {c}"),
    },
    "death": {
        1: (
            "mortality from {c}",
            "{c} mortality",
            "death from {c}",
            "mortality in {g} with {c}",
            "the death rate in {c}",
        ),
        -1: (
            "survival in {c}",
            "survival of {g} with {c}",
            "life expectancy in {c}",
            "overall survival of {c} patients",
        ),
    },
}
"""What is acted on, by kind: as it is, and as the opposite of it."""

VERBS: Mapping[str, Signed] = {
    "any": {
        1: _verbs("increase raise elevate enhance augment boost"),
        -1: _verbs("decrease reduce lower diminish limit attenuate"),
    },
    "amount": {
        1: _verbs("promote stimulate induce upregulate potentiate facilitate accelerate activate"),
        -1: _verbs("suppress inhibit impair block blunt abolish downregulate prevent disrupt slow delay"),
    },
    "occurrence": {1: _verbs("promote favor"), -1: _verbs("prevent avert")},
    "course": {
        1: _verbs("worsen aggravate exacerbate accelerate"),
        -1: _verbs("alleviate ameliorate slow mitigate"),
    },
    "death": {1: (), -1: ()},
}
"""What is done to what is acted on as it is; `any` to its opposite too."""
OPPOSITE_VERBS: Signed = {
    1: _verbs("improve enhance prolong promote"),
    -1: _verbs("shorten worsen impair compromise"),
}

"""What is done to the opposite of a condition."""

KINDS_OF = lines(
    """
    chronic
    circulating
    endogenous
    recombinant
    maternal
    long-term
    daily
    oral
    intravenous
    hepatic
    neuronal
    tumor-derived
    plasma
    human
    exogenous
    persistent
    systemic
    """
)
"""What kind of an agent evidence may speak of, where the statement does not say."""

BY_WAY_OF = lines(
    """
    by increasing {e}
    by reducing {e}
    through {d}
    via activation of {d}
    without affecting {e}
    but not {e}
    as well as {e}
    while {e} was increased
    while {e} was reduced
    independently of {e}
    in a {d}-dependent manner
    in {g}
    in {g} with {c}
    in the {t}
    compared with {d}
    after {x} weeks
    (P < 0.05)
    (P = 0.0{x})
    (hazard ratio {u}, 95% CI 0.{n} to {u})
    ({n}% versus {m}%, P < 0.001)
    (n = {m})
    """
)
"""What may follow a clause in evidence: other things, other directions, figures."""

SETTINGS = lines(
    """
    in this study,
    here we show that
    we found that
    our results indicate that
    these data suggest that
    in {m} {g},
    in a randomized trial of {n} {g} with {c},
    in a cohort of {m} {g},
    among {g} with {c},
    using a mouse model of {c},
    in cultured cells from the {t},
    in the {t},
    after adjustment for {d},
    compared with {d},
    after {x} years of follow-up,
    in contrast to {d},
    consistent with this,
    unexpectedly,
    mechanistically,
    in {g} treated with {d},
    although {d} had no effect,
    although {e} was increased,
    despite lower {e},
    independently of {d},
    multivariate analysis showed that
    immunohistochemistry of the {t} revealed that
    """
)
"""What may stand before a clause in evidence."""

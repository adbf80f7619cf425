"""What stands around findings: sentences that only study, words before and after, two findings joined."""

OPEN = (
    "we investigated the effect of {a} on {b}",
    "whether {a} affects {b} is unknown",
    "the role of {a} in {b} has not been studied",
    "here we examine the relation of {a} and {c}",
    "{a} and {b} were measured in {g}",
    "we aimed to determine whether {a} influences {c}",
    "{c} is a major cause of death in {g}",
    "{a} has been studied in {g} with {c}",
    "a trial of {a} and {d} in {g} with {c} was conducted",
    "{b} was assessed in {g} with {c}",
    "the relation between {a} and {d} remains unclear",
    "{a} levels in the {t} were recorded",
)
"""What says that something was studied and not what was found."""

BEFORE = (
    "",
    "",
    "",
    "",
    "we show that ",
    "here we found that ",
    "our results indicate that ",
    "in {g}, ",
    "in this study, ",
    "interestingly, ",
    "moreover, ",
    "as expected, ",
    "in a cohort of {g}, ",
    "we report that ",
    "in conclusion, ",
    "these data suggest that ",
    "using knockout models, we demonstrate that ",
    "however, ",
)
AFTER = (
    "",
    "",
    "",
    "",
    " in {g}",
    " (P < 0.05)",
    " in vitro",
    " in vivo",
    " over a period of {m} months",
    " in the {t}",
)

JOINED = (
    "{} and {}",
    "{}, whereas {}",
    "{}, but {}",
    "{}, while {}",
    "although {}, {}",
    "{}; in contrast, {}",
    "not only {}, but also {}",
    "{}, and {}",
)
"""Two findings in one sentence."""

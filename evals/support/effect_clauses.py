"""Clauses that say how one thing acts on another: hand lists, no text of any paper.

``{A}`` is what acts and ``{T}`` what is acted on, as in `evals.support.effect_words`; the other letters too.
"""

from evals.support.effect_words import Signed, lines

ACTS = lines(
    """
    {A} {third} {T}
    {A} {third} {T}
    {A} {past} {T}
    {A} {past} {T}
    {A} can {base} {T}
    {A} may {base} {T}
    {A} was shown to {base} {T}
    {A} appears to {base} {T}
    {A} significantly {past} {T}
    {A} markedly {past} {T}
    {T} is {past} by {A}
    {T} was {past} by {A}
    {T} was strongly {past} by {A}
    {T} is {past} in {g} with {A}
    {T} can be {past} by {A}
    {A} is sufficient to {base} {T}
    {A} is able to {base} {T}
    {A} works by {gerund} {T}
    the ability of {A} to {base} {T} was confirmed
    """
)
"""Clauses with a verb that says the direction, in one of its four forms."""

NEGATED_ACTS = lines(
    """
    {A} does not {base} {T}
    {A} did not {base} {T}
    {A} failed to {base} {T}
    {A} is not able to {base} {T}
    {T} was not {past} by {A}
    """
)
"""That nothing is done in this direction."""

STATES: Signed = {
    1: lines(
        """
        {A} leads to an increase in {T}
        {A} led to higher {T}
        {A} results in greater {T}
        {A} resulted in increased {T}
        {A} was associated with increased {T}
        {A} is associated with higher {T}
        {A} is linked to greater {T}
        {A} was positively associated with {T}
        {A} correlates positively with {T}
        there was a positive correlation between {A} and {T}
        {T} was higher with {A} than without
        {T} was significantly higher in {g} with {A}
        {T} was greater in the {A} group than in the control group
        {T} rose after {A}
        {T} increased with {A}
        {T} increases following {A}
        {A} causes a rise in {T}
        an increase in {T} was observed with {A}
        we observed a {n}% increase in {T} with {A}
        {A} has a positive effect on {T}
        {A} doubled {T}
        {A} is a positive regulator of {T}
        {A} contributes to {T}
        {A} predicts higher {T}
        more {T} was seen in {g} with {A}
        {T} rose from {lo}% to {hi}% with {A}
        {T} was {hi}% with {A} and {lo}% without
        {T} was {hi} ± {x} in the {A} group compared with {lo} ± {x} in controls
        the hazard ratio of {T} with {A} was {u}
        {A} was followed by a steep rise in {T}
        {A} brought {T} to a higher level than {d}
        {T} went up when {A} was present
        {A} makes {T} stronger
        {A} turns on {T}
        {T} increased in proportion to {A}
        {T} depends positively on {A}
        the more {A}, the greater {T}
        {A} restored {T}
        {A} caused a {x}-fold increase in {T}
        """
    ),
    -1: lines(
        """
        {A} leads to a decrease in {T}
        {A} led to lower {T}
        {A} results in less {T}
        {A} resulted in decreased {T}
        {A} was associated with reduced {T}
        {A} is associated with lower {T}
        {A} is linked to diminished {T}
        {A} was negatively associated with {T}
        {A} correlates inversely with {T}
        there was an inverse correlation between {A} and {T}
        {T} was lower with {A} than without
        {T} was significantly lower in {g} with {A}
        {T} was smaller in the {A} group than in the control group
        {T} fell after {A}
        {T} decreased with {A}
        {T} declines following {A}
        {A} causes a drop in {T}
        a reduction in {T} was observed with {A}
        we observed a {n}% reduction in {T} with {A}
        {A} has a negative effect on {T}
        {A} halved {T}
        {A} is a negative regulator of {T}
        {A} counteracts {T}
        {A} predicts lower {T}
        less {T} was seen in {g} with {A}
        {T} fell from {hi}% to {lo}% with {A}
        {T} was {lo}% with {A} and {hi}% without
        {T} was {lo} ± {x} in the {A} group compared with {hi} ± {x} in controls
        the hazard ratio of {T} with {A} was 0.{n}
        {A} was followed by a steep fall in {T}
        {A} brought {T} to a lower level than {d}
        {T} went down when {A} was present
        {A} makes {T} weaker
        {A} turns off {T}
        {T} decreased in proportion to {A}
        {T} depends inversely on {A}
        the more {A}, the smaller {T}
        {A} abrogated {T}
        {A} caused a {x}-fold decrease in {T}
        """
    ),
    0: lines(
        """
        {A} does not affect {T}
        {A} did not alter {T}
        {A} does not influence {T}
        {A} had no effect on {T}
        {A} had no significant impact on {T}
        {A} has no influence on {T}
        {T} was unchanged after {A}
        {T} was not affected by {A}
        {T} did not change with {A}
        {A} was not associated with {T}
        {A} is not linked to {T}
        no association was found between {A} and {T}
        there was no correlation between {A} and {T}
        {T} did not differ between {g} with and without {A}
        {T} was similar with and without {A}
        {A} is unrelated to {T}
        {A} neither increased nor decreased {T}
        {T} is independent of {A}
        we found no evidence that {A} alters {T}
        no difference in {T} was observed after {A}
        {A} is not a significant predictor of {T}
        {T} was {lo}% with {A} and {lo}% without
        {T} remained at {hi}% with {A}
        {A} left {T} intact
        the hazard ratio of {T} with {A} was 1.0
        {T} was comparable in the {A} group and in controls
        {A} and {T} were not correlated
        """
    ),
}
"""Clauses whose other words say the direction; 0: there is none."""

NEEDED: Signed = {
    1: (
        "{a} is required for {b}",
        "{a} is necessary for {b}",
        "{a} is essential for {b}",
        "{b} depends on {a}",
    ),
    0: ("{a} is dispensable for {b}", "{a} is not required for {b}", "{b} does not depend on {a}"),
}
"""The same of a bare agent and a bare amount."""

RISKS: Signed = {
    1: lines(
        """
        {A} is a risk factor for {c}
        {A} predisposes to {c}
        {g} with {A} are more likely to develop {c}
        {c} is more common in {g} with {A}
        {A} causes {c}
        """
    ),
    -1: lines(
        """
        {A} protects against {c}
        {A} is protective against {c}
        {g} with {A} are less likely to develop {c}
        {c} is less common in {g} with {A}
        {A} has a protective role in {c}
        """
    ),
}
"""The same of the occurrence of a condition."""

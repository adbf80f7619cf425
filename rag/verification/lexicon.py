"""Words whose meaning the gate must know: opposites, claims that go too far, synonyms, words of reporting."""


def words(text: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(text.split())


OPPOSITES: tuple[tuple[str, str, str], ...] = (
    (
        "amount",
        """
        increase increases increased increasing increasingly raise raises raised raising grow grows
        growing growth boost boosts boosted boosting gain gains rise rises rising improve improves
        improved improving improvement improvements enhance enhances enhanced enhancing enhancement
        better strengthen strengthens outperform outperforms outperformed outperforming surpass
        surpasses surpassed surpassing exceed exceeds exceeded exceeding beat beats superior more higher
        greater larger bigger longer stronger faster accelerate accelerates accelerated accelerating
        acceleration speedup speedups quicker elevate elevates elevated expand expands promote promotes
        promoted amplify amplifies benefit benefits upregulate upregulates
        """,
        """
        decrease decreases decreased decreasing reduce reduces reduced reducing reduction reductions
        lower lowers lowered lowering drop drops dropped dropping shrink shrinks decline declines
        declined declining diminish diminishes diminished fewer less smaller shorter degrade degrades
        degraded degrading degradation worsen worsens worsened worsening worse underperform
        underperforms underperformed inferior hurt hurts harm harms impair impairs impaired deteriorate
        deteriorates deterioration weaken weakens weaker slower slow slows slowed decelerate decelerates
        slowdown cut cuts save saves inhibit inhibits inhibited suppress suppresses mitigate mitigates
        mitigated alleviate alleviates downregulate downregulates loss losses
        """,
    ),
    (
        "success",
        """
        succeed succeeds succeeded success successful successfully effective effectively efficient
        efficiently able robust accurate accurately reliable reliably consistent consistently safe
        correct correctly capable stable sufficient easy possible feasible known good
        """,
        """
        fail fails failed failing failure failures ineffective ineffectively inefficient inefficiently
        unable fragile brittle vulnerable inaccurate inaccurately unreliable unreliably inconsistent
        inconsistently
        unsafe incorrect incorrectly incapable unstable insufficient difficult hard impossible
        infeasible unknown poor bad struggle struggles
        """,
    ),
    (
        "agreement",
        "support supports supported confirm confirms confirmed agree agrees positive positively",
        """
        refute refutes refuted contradict contradicts contradicted disagree disagrees negative
        negatively
        """,
    ),
    (
        "degree",
        "high large big long strong",
        "low small little short weak",
    ),
    (
        "extreme",
        "most highest largest longest best strongest maximum maximize maximizes maximizing",
        "",
    ),
    (
        "extreme",
        "",
        "least lowest smallest shortest worst weakest minimum minimize minimizes minimizing",
    ),
    (
        "order",
        "before prior first",
        "after afterwards last",
    ),
    (
        "presence",
        "with including include includes",
        "without excluding exclude excludes lacking",
    ),
    (
        "often",
        "often frequently usually commonly always",
        "rarely seldom never infrequently",
    ),
    (
        "similarity",
        "similar same identical alike",
        "different dissimilar distinct",
    ),
    (
        "cost",
        "cheap cheaper inexpensive",
        "expensive costly",
    ),
    (
        "openness",
        "open public",
        "closed private proprietary",
    ),
    (
        "change",
        "dynamic dynamically",
        "static statically",
    ),
    (
        "supervision",
        "supervised",
        "unsupervised",
    ),
    (
        "way",
        "enable enables enabled allow allows allowed facilitate facilitates",
        "prevent prevents prevented hinder hinders block blocks",
    ),
)
"""Axis, words of one end, words of the other. Words of one end stand for each other in direction only."""

STRONG = words(
    """
    all always any best certainly completely definitely dramatically drastically eliminate eliminates
    entire entirely every exact exactly exclusively fastest first fully greatly guarantee guaranteed
    guarantees highest impossible invariably largest least lowest most must never only optimal
    outperforms perfect perfectly prove proved proven proves significant significantly smallest solely
    solved solves sota state-of-the-art substantial substantially superior unanimously undoubtedly
    unique uniquely universal universally unprecedented vastly
    """
)
"""Claims that no evidence carries unless it makes them too."""

STRONG_KIN = (
    words(
        """
        considerable considerably dramatically drastically greatly markedly remarkable remarkably
        significant significantly substantial substantially vastly
        """
    ),
    words("all every"),
    words("complete completely entirely full fully"),
    words("proof prove proved proven proves"),
    words("guarantee guaranteed guarantees"),
    words("exclusively just merely only solely"),
    words(
        """
        beat beats better exceed exceeded exceeding exceeds outperform outperformed outperforming
        outperforms superior surpass surpassed surpasses surpassing
        """
    ),
    words("biggest large-scale largest"),
    words("must need needs require requires"),
    words("first"),
    words("solve solved solves solving"),
    words("eliminate eliminated eliminates eliminating remove removes removing"),
)
"""Strong words that say the same."""

WEAK = words(
    """
    appear appears could likely may might perhaps possibly potentially seem seems suggest suggests
    """
)
NEGATIONS = words("barely cannot hardly n't neither never no none nor not without")
OUTDOES = words(
    """
    beat beats exceed exceeded exceeding exceeds outperform outperformed outperforming outperforms over
    surpass surpassed surpasses surpassing than
    """
)

SYNONYMS: tuple[str, ...] = (
    """
    show shows demonstrate demonstrates reveal reveals find finds found indicate indicates illustrate
    observe
    """,
    """
    use uses employ employs utilize utilizes utilise leverage leverages adopt adopts apply applies
    exploit harness
    """,
    "propose proposes introduce introduces present presents develop design devise describe",
    "achieve achieves reach reaches attain attains obtain obtains get yield yields deliver realize",
    "method approach technique algorithm procedure strategy scheme",
    "dataset corpus collection",
    "improve improves enhance enhances boost boosts",
    "reduce reduces decrease lower lowers cut drop drops fall falls decline declines mitigate alleviate",
    "build builds construct constructs create creates",
    "examine examines investigate investigates study explore explores analyze analyse",
    "help helps assist assists aid aids facilitate facilitates",
    "evaluate evaluates assess assesses measure",
    "problem issue challenge challenging difficulty difficult hard",
    "performance results",
    "important crucial critical essential vital key",
    "large big huge vast extensive",
    "fast quick rapid",
    "enable enables allow allows permit",
    "choose select pick",
    "need needs require requires",
    "several multiple various diverse many different numerous",
    "begin start",
    "keep keeps retain retains maintain maintains preserve",
    "make generate produce",
    "component module part",
    "limit restrict constrain",
    "human people person",
    "article paper",
    "survey review overview",
    "compare contrast",
    "speedup acceleration accelerate faster speed",
    "outperform surpass exceed beat better",
    "llm llms",
    "gain gains improvement improvements increase",
    "memory storage",
    "inexpensive cheap",
    "however nevertheless",
    "also additionally moreover furthermore",
    "rely depend",
    "aim goal objective",
    "consist comprise contain include",
    "simple straightforward",
    "correct accurate",
    "task tasks",
    "competitive comparable",
    "because since",
    "remove discard eliminate",
    "handle address tackle",
    "offer provide give",
    "group cluster",
    "previous prior earlier existing past",
    "comprehensive thorough extensive exhaustive detailed",
    "notable remarkable considerable",
    "potential capability ability capacity",
    "combine integrate merge incorporate",
    "mainly primarily chiefly",
    "typically usually generally commonly often frequently",
    "quickly rapidly",
    "gap discrepancy difference",
    "main primary central principal",
    "impact effect influence",
    "leading prominent",
    "answer response reply",
    "question query",
    "guide steer direct",
    "detect identify recognize recognise spot",
    "limited scarce",
    "highlight emphasize emphasise underline underscore stress",
    "necessary needed required",
    "notably especially particularly",
    "currently today presently",
    "tests evaluates",
    "train teach",
    "widely broadly",
    "example instance",
)
"""Each: words that may stand for each other."""

REPORTING = words(
    """
    abstract according achieve achieved achieves additionally address addresses aim aims also although
    and applied applies apply approach approaches are argue argues article attain author authors be
    because been being but call called calls can demonstrate demonstrated demonstrates describe
    described describes despite develop developed develops do does done employ employed employs
    evaluation experiment experiments finally find finding findings finds first found framework
    furthermore has have hence however if introduce introduced introduces is made make makes method
    methods model moreover name named namely names new nor note noted notes novel observe observes
    obtain obtained offer offers or our overall paper papers parameter parameters particular
    particularly present presented presents propose proposed proposes provide provided provides reach
    reached reaches report reported reports researcher researchers respectively result results said say
    says second show shown shows since specifically state stated states studies study system technique
    techniques that their therefore they though thus unlike us use used uses using utilize utilizes was
    we well were when whereas which while will work works write writes written wrote yet
    """
)
"""What a report says on its own account: such words need no evidence."""

SHORT_FORMS: dict[str, tuple[str, ...]] = {
    form: tuple(meant.split())
    for forms, meant in (
        ("llm llms", "large language model"),
        ("mllm mllms", "multimodal large language model"),
        ("lm lms", "language model"),
        ("nlp", "natural language processing"),
        ("rag", "retrieval augmented generation"),
        ("ai", "artificial intelligence"),
        ("qa", "question answering"),
    )
    for form in forms.split()
}
"""Short forms, and the words they stand for."""

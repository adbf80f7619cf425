"""A small collection of invented papers, in memory, and an assistant on it."""



from rag.types import Paper

LANTERN = Paper(
    "lantern",
    "Lantern: Pruning the Key Cache for Long Prompts",
    "Cache compression has become popular, and many cache compression methods exist for long prompts. "
    "We propose Lantern, a cache compression method that drops keys which no query attends to. "
    "Lantern shrinks the cache by 8.5 times on long prompts. "
    "The weather on Mars is a matter of debate.",
    authors=("Ada Nordmann", "Ben Okoro"),
    venue="Workshop on Small Caches",
    year=2031,
    url="https://example.org/lantern",
)
FERRY = Paper(
    "ferry",
    "Ferry: Cache Compression by Merging Values across Layers",
    "Long prompts fill the memory of accelerators. "
    "We introduce Ferry, a cache compression algorithm which merges the values of neighbouring layers. "
    "Experiments on four benchmarks show that Ferry halves the cache.",
)
FIRST = Paper(
    "first",
    "FIRST: Listwise Reranking from One Decoded Token",
    "Listwise rerankers decode a whole permutation, which is slow. "
    "We present FIRST, which reads the logits of a single token to rerank passages. "
    "FIRST accelerates listwise reranking by 50%.",
)
STUDY = Paper(
    "study",
    "A Field Study of Survey Respondents",
    "We are the first to compare chatbots with survey respondents. "
    "In the first part of this study we interview 312 nurses. "
    "In the second part the chatbots answer the same questionnaire.",
)
SIFTER = Paper(
    "sifter",
    "Sifter: Extracting the Final Answer",
    "Extracting the final answer of a model is harder than it seems. "
    "We train Sifter, an extractor with 40 million parameters. "
    "Sifter reaches an accuracy of 91.3% on held-out tasks. "
    "In contrast, RegEx reaches an accuracy of 70.2%.",
)
GRADES = Paper(
    "grades",
    "A Cheaper Way to Grade Essays",
    "Grading essays by hand takes teachers many evenings. "
    "This paper introduces EssayNet, a grader that agrees with teachers on 84 of 100 essays. "
    "Unlike Sifter, EssayNet reads the whole essay.",
)
SMALL = (LANTERN, FERRY, FIRST, STUDY, SIFTER, GRADES)

"""Words of the careless exam: opposites, names that can be mistaken for each other, and inventions."""

OPPOSITES: tuple[tuple[str, str], ...] = (
    ("increase", "decrease"), ("increases", "decreases"), ("increased", "decreased"),
    ("increasing", "decreasing"), ("improve", "degrade"), ("improves", "degrades"), ("improved", "degraded"),
    ("improving", "degrading"), ("improvement", "degradation"), ("improvements", "degradations"),
    ("enhances", "weakens"), ("enhance", "weaken"), ("enhanced", "weakened"), ("enhancing", "weakening"),
    ("boost", "harm"), ("boosts", "harms"), ("boosting", "harming"), ("reduce", "raise"),
    ("reduces", "raises"), ("reducing", "raising"), ("reduced", "raised"), ("reduction", "growth"),
    ("lower", "higher"), ("slower", "faster"), ("smaller", "larger"), ("worse", "better"),
    ("stronger", "weaker"), ("superior", "inferior"), ("outperforms", "underperforms"),
    ("outperform", "underperform"), ("outperformed", "underperformed"), ("outperforming", "underperforming"),
    ("accelerates", "slows down"), ("accelerating", "slowing down"), ("surpasses", "falls short of"),
    ("surpassing", "falling short of"), ("surpass", "fall short of"), ("exceeds", "falls below"),
    ("effective", "ineffective"), ("best", "worst"), ("high", "low"),
    ("cheaper", "costlier"), ("difficult", "easy"), ("challenging", "easy"), ("mitigates", "worsens"),
    ("mitigate", "worsen"), ("mitigating", "worsening"), ("shorter", "longer"), ("strong", "weak"),
    ("simple", "complicated"), ("positive", "negative"), ("robust", "fragile"), ("reliable", "unreliable"),
    ("reliably", "unreliably"), ("consistent", "inconsistent"), ("gain", "loss"), ("gains", "losses"),
    ("more accurate", "less accurate"), ("more efficient", "less efficient"),
    ("more effective", "less effective"), ("more robust", "less robust"), ("minimal", "massive"),
    ("promising", "discouraging"), ("facilitates", "hinders"), ("facilitate", "hinder"),
    ("success", "failure"),
)  # fmt: skip
"""Each may stand for the other."""

MODELS = (
    "GPT-4", "GPT-4o", "GPT-3.5", "GPT-3", "ChatGPT", "InstructGPT", "LLaMA", "LLaMA-7B", "LLaMA2-7B",
    "LLaMA2-13B", "LLaMA-2", "Llama-2", "Llama 2", "Llama-3", "Llama", "Mistral", "Mixtral", "Vicuna",
    "Vicuna-7B", "Alpaca", "BLOOM", "PaLM", "Codex", "AlphaCode", "Flan-UL2", "FLAN-T5", "TinyLLaMA", "BERT",
    "Gemma", "Claude", "OPT", "CodeGen", "Contriever", "BM25", "LongT5", "SparseGPT", "LLM-Pruner",
    "MobileLLM", "RankLLaMA", "LLaVA",
)  # fmt: skip
DATASETS = (
    "GSM8K", "MMLU", "MMLU-Pro", "HumanEval", "MATH", "BEIR", "MT-Bench", "AlpacaEval", "MedQA", "MedMCQA",
    "PubMedQA", "Spider", "HotpotQA", "SQuAD", "TREC-DL2020", "TREC-DL2019", "CoQA", "ToolBench",
    "RewardBench", "Qasper", "MBPP", "TabMWP", "GPQA", "AIME", "BBH", "HELM", "LawBench", "LiveBench",
    "WildBench", "NL4OPT", "FLASK", "WikiText2", "APPS", "CaseHOLD", "SNIPS", "SST-2", "CIFAR-10",
    "LitSearch", "USMLE", "MARCO",
)  # fmt: skip

MEASURED: tuple[tuple[str, str], ...] = (
    ("On a single NVIDIA H100 GPU", "H100"), ("On eight A100 GPUs", "A100"),
    ("On a Raspberry Pi 5", "Raspberry"), ("In a trial with 240 crowd workers", "crowd workers"),
    ("On the SQuAD dataset", "SQuAD"), ("On a corpus of Finnish newspapers", "Finnish"),
    ("With a learning rate of 0.0003", "learning rate"),
    ("In a test that ran for eighteen months", "eighteen"), ("On questions from Wikipedia", "Wikipedia"),
)  # fmt: skip
"""What stands before a finding and is made up, with a word that the paper must not have."""

MADE: tuple[tuple[str, str], ...] = (
    ("In a study published in 2017", "2017"), ("In a paper accepted at ICLR 2019", "ICLR"),
    ("In work done at Stanford University", "Stanford"), ("In a collaboration with DeepMind", "DeepMind"),
    ("Together with partners at Siemens", "Siemens"), ("With funding from the Gates Foundation", "Gates"),
    ("In March 2021", "2021"),
)  # fmt: skip
"""What stands before a contribution and is made up, with a word that the paper must not have."""

CLAUSES: tuple[tuple[str, str], ...] = (
    ("it halves the energy used on mobile phones", "energy"),
    ("this holds for speech recognition as well", "speech"),
    ("the same effect appears in protein folding", "protein"),
    ("it has been deployed in three hospitals", "hospital"),
    ("the training took eleven days on a TPU pod", "TPU"),
    ("the code is written in Rust", "Rust"),
    ("a patent on this has been filed", "patent"),
    ("children under twelve preferred it in a field trial", "children"),
    ("it removes the need for human oversight altogether", "oversight"),
    ("it was first tried on satellite images", "satellite"),
    ("it runs in real time on a wristwatch", "wristwatch"),
    ("the results were reproduced by an independent laboratory", "laboratory"),
)
"""What is joined to a true statement and made up, with a word that the paper must not have."""

CLAIMS: tuple[tuple[str, str], ...] = (
    ("{} cuts memory use by 62% when it is combined with speculative sampling.", "speculative"),
    ("{} loses most of its advantage on sequences longer than 64k tokens.", "64k"),
    ("{} was trained on 1.8 trillion tokens of Portuguese text.", "Portuguese"),
    ("{} transfers to audio captioning without any change.", "audio"),
    ("{} relies on a graph neural network with twelve layers.", "graph neural"),
    ("{} fails on most inputs written in Swahili.", "Swahili"),
    ("{} has been adopted by the European Parliament for drafting legislation.", "Parliament"),
    ("{} needs about nineteen hours of training on a laptop.", "nineteen"),
    ("{} is distilled from a diffusion model.", "diffusion"),
    ("{} reaches a word error rate of 4.1 on LibriSpeech.", "LibriSpeech"),
    ("{} encrypts the gradients that the participants exchange.", "encrypt"),
    ("{} beats professional chess players in blitz games.", "chess"),
)
"""Whole statements that are made up; the braces are for what they are about."""

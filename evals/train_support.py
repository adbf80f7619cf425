"""Train the support classifier: `python -m evals.train_support PAPERS SOURCE CHECKPOINT`.

PAPERS is any file that `pincite ingest` reads, of some ten thousand papers; all pairs are made from it by
rule (`evals.made_statements`). SOURCE holds `model.safetensors` of all-MiniLM-L6-v2, from which training
starts. Writes CHECKPOINT (.npz) for `models/export_support.py` and prints the accuracy on pairs made from
papers that were held out. Needs torch and safetensors, which pincite does not depend on:
`pip install torch safetensors`.

The lower layers and the word table stay as they are: words that no pair has keep their place among those
that pairs have, and a step costs a third less.
"""

import argparse
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from evals.made_pair import MadePair
from evals.made_statements import make_statements
from evals.measures import mean
from evals.support_network import SupportNetwork, named_weights
from evals.support_papers import HELD_OUT_PAPERS, SEED, choose_papers
from models import folder

PAIRS, HELD_OUT_PAIRS = 60_000, 4_000
BATCH, POOL = 32, 40
MAX_TOKENS = 128
RATE, HEAD_FACTOR, WARMUP = 1e-4, 5, 100
SMOOTHING = 0.03

Encoded = tuple[list[int], list[int]]


def encode(tokenizer: Tokenizer, pairs: Sequence[MadePair]) -> list[Encoded]:
    """Token ids and type ids of each pair."""
    texts = [(pair.statement, " ".join(pair.evidence)) for pair in pairs]
    return [(found.ids, found.type_ids) for found in tokenizer.encode_batch(texts)]


def padded(rows: Sequence[Encoded]) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, mask and types of a batch, each [pairs, tokens]."""
    ids, mask, types = (
        torch.zeros(len(rows), max(len(row[0]) for row in rows), dtype=torch.long) for _ in range(3)
    )
    for place, (tokens, kinds) in enumerate(rows):
        ids[place, : len(tokens)] = torch.tensor(tokens)
        types[place, : len(kinds)] = torch.tensor(kinds)
        mask[place, : len(tokens)] = 1
    return ids, mask, types


def batches(rows: Sequence[Encoded]) -> list[list[int]]:
    """Places of the pairs in batches of like length, in random order."""
    rng = random.Random(SEED)  # noqa: S311 - not for secrets
    order = rng.sample(range(len(rows)), len(rows))
    found: list[list[int]] = []
    for start in range(0, len(order), BATCH * POOL):
        pool = sorted(order[start : start + BATCH * POOL], key=lambda place: len(rows[place][0]))
        group = [pool[at : at + BATCH] for at in range(0, len(pool), BATCH)]
        found += rng.sample(group, len(group))
    return found


def optimiser(network: SupportNetwork) -> torch.optim.AdamW:
    """AdamW over what is trained; the head, which starts from nothing, learns faster."""
    head = [each for part in (network.hidden, network.out) for each in part.parameters()]
    known = {id(each) for each in head}
    body = [each for each in network.parameters() if each.requires_grad and id(each) not in known]
    groups = [
        {"params": body, "lr": RATE, "rate": RATE},
        {"params": head, "lr": RATE, "rate": RATE * HEAD_FACTOR},
    ]
    return torch.optim.AdamW(groups, weight_decay=0.01)


def train(network: SupportNetwork, rows: Sequence[Encoded], labels: Tensor) -> None:
    """One pass; the rate rises over the first steps and falls linearly to nothing."""
    adam, order, started = optimiser(network), batches(rows), time.monotonic()
    network.train()
    losses = []
    for step, batch in enumerate(order):
        for group in adam.param_groups:
            group["lr"] = group["rate"] * min(1.0, step / WARMUP) * (1 - step / len(order))
        logits = network(*padded([rows[place] for place in batch]))
        loss = functional.cross_entropy(logits, labels[batch], label_smoothing=SMOOTHING)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        losses.append(loss.item())
        if step % 100 == 99:  # noqa: PLR2004 - now and then
            spent = time.monotonic() - started
            print(
                f"step {step + 1} of {len(order)}: loss {mean(losses[-100:]):.3f}, {spent:.0f} s", flush=True
            )


@torch.no_grad()  # type: ignore[untyped-decorator]
def predict(network: SupportNetwork, rows: Sequence[Encoded]) -> Tensor:
    """Logits of each pair, [pairs, 3]."""
    network.eval()
    order = sorted(range(len(rows)), key=lambda place: len(rows[place][0]))
    logits = torch.zeros(len(rows), 3)
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        logits[batch] = network(*padded([rows[place] for place in batch]))
    return logits


def report(pairs: Sequence[MadePair], logits: Tensor) -> Iterator[str]:
    """Accuracy by kind of pair."""
    right = defaultdict(list)
    for pair, guess in zip(pairs, logits.argmax(1).tolist(), strict=True):
        right[pair.kind].append(float(guess == pair.label))
        right["all"].append(float(guess == pair.label))
    for kind, values in sorted(right.items()):
        yield f"{kind:22} {len(values):6} {mean(values):.3f}"


def main() -> int:
    """Make the pairs, train, report, save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("papers", type=Path, help="a file of papers, as `pincite ingest` reads it")
    parser.add_argument("source", type=Path, help="folder with model.safetensors of all-MiniLM-L6-v2")
    parser.add_argument("checkpoint", type=Path, help="the .npz to write")
    parser.add_argument("--pairs", type=int, default=PAIRS, help=f"pairs to train on (default {PAIRS})")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch (default 2)")
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(arguments.threads)
    papers = choose_papers(arguments.papers)
    made = list(make_statements(papers[HELD_OUT_PAPERS:], SEED, arguments.pairs))
    held_out = list(make_statements(papers[:HELD_OUT_PAPERS], SEED + 1, HELD_OUT_PAIRS))
    tokenizer = Tokenizer.from_file(str(folder("all-MiniLM-L6-v2") / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    network = SupportNetwork(load_file(arguments.source / "model.safetensors"))
    train(network, encode(tokenizer, made), torch.tensor([pair.label for pair in made]))
    np.savez(arguments.checkpoint, allow_pickle=False, **named_weights(network))
    print(*report(held_out, predict(network, encode(tokenizer, held_out))), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

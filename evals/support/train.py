"""Train the support classifier: `python -m evals.support.train PAPERS SOURCE CHECKPOINT`.

PAPERS is any file that `pincite ingest` reads, of some ten thousand papers; all pairs are made from it by
rule (`made_statements`). SOURCE holds `model.safetensors` of all-MiniLM-L6-v2, from which training
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

from evals.measures import mean
from evals.support.made_pair import MadePair
from evals.support.made_statements import make_statements
from evals.support.network import SupportNetwork, named_weights
from evals.support.papers import HELD_OUT_PAPERS, SEED, choose_papers
from models import folder

PAIRS, HELD_OUT_PAIRS = 50_000, 2_000
BATCH, POOL = 32, 40
MAX_TOKENS = 96
"""Longer pairs are left out: they cost most and teach least."""
SAVED_EVERY = 250
RATE, HEAD_FACTOR, WARMUP = 3e-4, 3, 100
SMOOTHING = 0.03

Encoded = tuple[list[int], list[int]]


def encode(tokenizer: Tokenizer, pairs: Sequence[MadePair]) -> list[Encoded]:
    """Token ids and type ids of each pair."""
    texts = [(pair.statement, " ".join(pair.evidence)) for pair in pairs]
    return [(found.ids, found.type_ids) for found in tokenizer.encode_batch(texts)]


def short(pairs: Sequence[MadePair], rows: Sequence[Encoded]) -> tuple[list[MadePair], list[Encoded]]:
    """The pairs of at most `MAX_TOKENS` tokens, and their rows."""
    kept = [place for place, row in enumerate(rows) if len(row[0]) <= MAX_TOKENS]
    return [pairs[place] for place in kept], [rows[place] for place in kept]


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
    return torch.optim.AdamW(groups, weight_decay=0.01, fused=True)


def train(network: SupportNetwork, rows: Sequence[Encoded], labels: Tensor, checkpoint: Path) -> None:
    """One pass; the rate rises over the first steps and falls linearly to nothing. Saves now and then."""
    adam, order, started = optimiser(network), batches(rows), time.process_time()
    network.train()
    losses = []
    for step, batch in enumerate(order):
        for group in adam.param_groups:
            group["lr"] = group["rate"] * min(1.0, step / WARMUP) * (1 - step / len(order))
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(*padded([rows[place] for place in batch]))
        loss = functional.cross_entropy(logits.float(), labels[batch], label_smoothing=SMOOTHING)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        losses.append(loss.item())
        if (step + 1) % SAVED_EVERY == 0:
            save(network, checkpoint)
            said = f"step {step + 1} of {len(order)}: loss {mean(losses[-SAVED_EVERY:]):.3f}"
            print(f"{said}, {time.process_time() - started:.0f} s of one core", flush=True)


def save(network: SupportNetwork, checkpoint: Path) -> None:
    """Write the weights by name."""
    np.savez(checkpoint, allow_pickle=False, **named_weights(network))


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
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    papers = choose_papers(arguments.papers)
    made = list(make_statements(papers[HELD_OUT_PAPERS:], SEED, arguments.pairs))
    held_out = list(make_statements(papers[:HELD_OUT_PAPERS], SEED + 1, HELD_OUT_PAIRS))
    tokenizer = Tokenizer.from_file(str(folder("all-MiniLM-L6-v2") / "tokenizer.json"))
    network = SupportNetwork(load_file(arguments.source / "model.safetensors"))
    made, rows = short(made, encode(tokenizer, made))
    train(network, rows, torch.tensor([pair.label for pair in made]), arguments.checkpoint)
    save(network, arguments.checkpoint)
    held_out, rows = short(held_out, encode(tokenizer, held_out))
    print(*report(held_out, predict(network, rows)), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

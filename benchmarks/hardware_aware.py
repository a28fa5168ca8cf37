# SPDX-License-Identifier: BSD-3-Clause
"""Training for the mean width against training for what the board pays: same lambda, what each reaches on one board.

    .venv/bin/python benchmarks/hardware_aware.py OUTPUT [--config build_configs/train_demo.yaml] [--board pynq-z2]
        [--terms mean=1] [--terms mean=0.5,products=1] [--share 0.25] [--seed 0] [--markdown]

Each `--terms` is trained (to OUTPUT/<terms>-seed<n>, or gone on with where that was interrupted) and then folded for the
most frames a second within each `--share` of the board's budget. Cycles and LUTs are those of the folding's cost model.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from folding import hardware_graph
from tables import table

from hw_flows.boards import load_board
from hw_flows.finn_environment import prepare_finn
from hw_flows.folding import Folding, budget_of, fastest, folding_problem
from quantunet.config import TrainConfig, read_train_config
from quantunet.train import SETTINGS, train

DEMO_CONFIG = Path(__file__).parents[1] / "build_configs" / "train_demo.yaml"
TERMS = ("mean=1", "mean=0.5,weight_memory=0.1,thresholds=0.5,products=1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--config", type=Path, default=DEMO_CONFIG)
    parser.add_argument("--board", default="pynq-z2")
    parser.add_argument("--terms", action="append", help=f"shares of the bit penalty; default: {' and '.join(TERMS)}")
    parser.add_argument("--bit-penalty", type=float, action="append", help="lambda; default: that of the configuration")
    parser.add_argument("--seed", type=int, action="append", help="default: that of the configuration")
    parser.add_argument("--share", type=float, action="append", help="part of the board's budget; default 0.25 and 1")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    board = load_board(options.board)
    shares = options.share or [0.25, 1.0]
    rows = []
    with tempfile.TemporaryDirectory(prefix="qu-benchmark-") as folder:
        prepare_finn(Path(folder) / "finn")
        for terms in options.terms or TERMS:
            for seed in options.seed or [None]:
                for penalty in options.bit_penalty or [None]:
                    config = configuration(options.config, terms, seed, penalty)
                    name = f"{terms}-lambda{config.bit_penalty:g}-seed{config.seed}"
                    checkpoint, metrics = trained(config, options.output / name)
                    problem = folding_problem(hardware_graph(str(checkpoint), Path(folder)))
                    cells = [folded(problem, budget_of(board), share) for share in shares]
                    cost = metrics["widths"]
                    rows.append(
                        [
                            name,
                            f"{metrics['validation']['dice']:.4f}",
                            f"{cost['mean_weight_bits_per_layer']:.2f} / {cost['mean_activation_bits']:.2f}",
                            f"{cost['size_bytes'] / 1024:.1f}",
                            *(cell for pair in cells for cell in pair),
                        ]
                    )
    header = ["terms", "Dice", "bits W / A", "KiB"]
    for share in shares:
        header += [f"cycles at {share:.0%}", "LUT"]
    print(table(f"{options.config.name} on {board.title}", header, rows, options.markdown))


def configuration(file: Path, terms: str, seed: int | None, penalty: float | None) -> TrainConfig:
    shares: dict[str, float] = {"mean": 0.0}
    for item in terms.split(","):
        name, _, share = item.partition("=")
        shares[name] = float(share)
    given = {"seed": seed, "bit_penalty": penalty}
    return read_train_config(file, {"bit_terms": shares, **{k: v for k, v in given.items() if v is not None}})


def trained(config: TrainConfig, output: Path) -> tuple[Path, dict[str, Any]]:
    result = train(config, output, resume=(output / SETTINGS).is_file(), command="benchmarks/hardware_aware.py")
    return result.checkpoint, result.metrics


def folded(problem: Any, budget: tuple[float, ...], share: float) -> tuple[int | None, int | None]:
    """Cycles a frame and LUTs of the fastest folding within `share` of the budget."""
    found = fastest(problem, tuple(share * amount for amount in budget))
    if not isinstance(found, Folding):
        return None, None
    return found.cycles, round(found.used[0])


if __name__ == "__main__":
    main()

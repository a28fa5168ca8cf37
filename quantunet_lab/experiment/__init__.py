# SPDX-License-Identifier: BSD-3-Clause
"""An experiment: many trainings that differ in a few settings and the seed, and a page about what came out.

<output>/experiment.json               the experiment's settings
<output>/runs/<variant>/seed-<n>/      a run:
    training/                          what `qu-train` writes
    result.json  predictions.npy       its figures, when it is done
    hardware.json                      what the flow's cost models say of it, where asked for
    failure.txt                        how it ended, where it failed
<output>/report/                       index.html, experiment.md with its plots, figures.json
"""

# SPDX-License-Identifier: BSD-3-Clause
"""QuantU-Net: a U-Net whose bit widths are learned with its weights (arXiv 2503.08719).

Importing the package is cheap; torch and Brevitas are loaded by the modules that need them:

- ``quantunet.model``: the network, ``quantunet.quantizers``: its learned bit widths
- ``quantunet.train``: training, ``quantunet.losses`` and ``quantunet.metrics``, ``quantunet.bit_terms``: what widths cost
- ``quantunet.interpolated``, ``quantunet.target``, ``quantunet.averaging``, ``quantunet.start``: parts of the recipe that a
  training may take
- ``quantunet.image_scores``: scores of each image by itself
- ``quantunet.engine``: devices and processes, ``quantunet.synchronized``: statistics of a batch that several share
- ``quantunet.data``: images and masks
- ``quantunet.checkpoint``: reading and writing trained networks, ``quantunet.export``: QONNX

What it shares with the hardware (errors, files, the pixels of a picture) is in ``quantunet_common``.
"""

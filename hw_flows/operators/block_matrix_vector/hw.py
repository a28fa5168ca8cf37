# SPDX-License-Identifier: BSD-3-Clause
"""A convolution with its thresholds whose weights arrive as a stream, once for each block of rows.

FINN's `MVAU` with `mem_mode` "external" takes a weight from its stream for every product; here a weight is taken once for all
pixels of `BlockRows` rows. That needs whole rows, so the sliding window, the zeros around the image and the thresholds are part
of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from finn.custom_op.fpgadataflow.hwcustomop import HWCustomOp
from numpy.lib.stride_tricks import sliding_window_view
from qonnx.core.datatype import BaseDataType, DataType

from hw_flows.operators.block_matrix_vector.stream import Layout, layout_of, unpack


class BlockMVAU(HWCustomOp):
    """Inputs: image (1, H, W, C) and stream (1, blocks, bytes of a block) of UINT8, see `stream.py`; output (1, H, W, MH).

    As a constant the stream has one block, (1, 1, bytes of a block), for all blocks take the same.

    Output = ActVal + number of the channel's thresholds that the convolution with zeros around the image (stride 1, odd kernel
    of `KernelDim`) reaches. `SIMD` products a cycle of each of `PE` outputs: of SIMD channels, or with `ParallelColumns` of
    SIMD / (kernel columns) channels in all columns of a kernel row.
    """

    def get_nodeattr_types(self) -> dict[str, tuple]:
        return {
            **super().get_nodeattr_types(),
            "ImgDim": ("ints", True, []),  # [H, W]
            "NumChannels": ("i", True, 0),  # of the image
            "KernelDim": ("ints", True, []),
            "MH": ("i", True, 0),  # channels of the output
            "SIMD": ("i", False, 1),
            "PE": ("i", False, 1),
            "ParallelColumns": ("i", False, 0, {0, 1}),
            "numSteps": ("i", True, 0),
            "ActVal": ("i", False, 0),
            "inputDataType": ("s", True, ""),
            "weightDataType": ("s", True, ""),
            "accDataType": ("s", True, ""),  # holds every sum of the convolution
            "outputDataType": ("s", True, ""),
            "resType": ("s", False, "auto", {"auto", "lut", "dsp"}),
            # beside FINN's: internal_embedded, internal_decoupled, external, ...
            "mem_mode": ("s", False, "external_blocks", {"external_blocks"}),
            "BlockRows": ("i", False, 1),  # rows of a block
            "RowsAhead": ("i", False, 1),  # rows that may arrive while a block is worked on
            "OutputBlocks": ("i", False, 1, {1, 2}),  # blocks of results that are kept until they are sent
            "StreamBytes": ("i", False, 1),  # bytes of a word of the stream
        }

    # --- sizes ------------------------------------------------------------------------------------------------------
    def blocks(self) -> int:
        """Blocks of a frame."""
        return -(-int(self.get_nodeattr("ImgDim")[0]) // int(self.get_nodeattr("BlockRows")))

    def lanes(self) -> int:
        """Elements of a word of the image."""
        columns = int(self.get_nodeattr("KernelDim")[1]) if self.get_nodeattr("ParallelColumns") else 1
        return int(self.get_nodeattr("SIMD")) // columns

    def layout(self) -> Layout:
        return layout_of(self.get_nodeattr)

    def products_per_dsp(self) -> int:
        """0: products in LUTs; 2 where two fit one 25 x 18 bit multiplier (`qu_multipliers.sv`), else 1."""
        if self.get_nodeattr("resType") != "dsp":
            return 0
        return 2 if 2 * self.get_input_datatype(0).bitwidth() + self.layout().weight_bits <= 16 else 1

    # --- FINN's interface -------------------------------------------------------------------------------------------
    def get_normal_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        if ind == 0:
            return (1, *map(int, self.get_nodeattr("ImgDim")), int(self.get_nodeattr("NumChannels")))
        return 1, self.blocks(), self.layout().block_bytes

    def get_normal_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        return (1, *map(int, self.get_nodeattr("ImgDim")), int(self.get_nodeattr("MH")))

    def get_folded_input_shape(self, ind: int = 0) -> tuple[int, ...]:
        lanes = self.lanes() if ind == 0 else int(self.get_nodeattr("StreamBytes"))
        return _folded(self.get_normal_input_shape(ind), lanes)

    def get_folded_output_shape(self, ind: int = 0) -> tuple[int, ...]:
        return _folded(self.get_normal_output_shape(ind), int(self.get_nodeattr("PE")))

    def get_input_datatype(self, ind: int = 0) -> BaseDataType:
        return DataType[self.get_nodeattr("inputDataType") if ind == 0 else "UINT8"]

    def get_output_datatype(self, ind: int = 0) -> BaseDataType:
        return DataType[self.get_nodeattr("outputDataType")]

    def get_instream_width(self, ind: int = 0) -> int:
        return int(self.get_folded_input_shape(ind)[-1] * self.get_input_datatype(ind).bitwidth())

    def get_outstream_width(self, ind: int = 0) -> int:
        return int(self.get_nodeattr("PE") * self.get_output_datatype(ind).bitwidth())

    def infer_node_datatype(self, model: Any) -> None:
        self.set_nodeattr("inputDataType", model.get_tensor_datatype(self.onnx_node.input[0]).name)
        model.set_tensor_datatype(self.onnx_node.output[0], self.get_output_datatype())

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        """Each block with the weights and thresholds that its own part of the stream holds."""
        image, stream = (context[name] for name in self.onnx_node.input[:2])
        layout, rows = self.layout(), int(self.get_nodeattr("BlockRows"))
        kh, kw = layout.kernel
        border = ((kh // 2, kh // 2), (kw // 2, kw // 2), (0, 0))
        windows = sliding_window_view(np.pad(image[0].astype(np.int64), border), (kh, kw), axis=(0, 1))
        results = []
        for block in range(self.blocks()):
            if block < stream.shape[1]:
                weights, thresholds = unpack(layout, stream[0, block])
                matrix = weights.transpose(3, 1, 2, 0).reshape(-1, layout.outputs).astype(np.float64)
            of_block = windows[block * rows : (block + 1) * rows]  # (rows, W, C, kh, kw)
            sums = of_block.reshape(-1, len(matrix)).astype(np.float64) @ matrix  # exact: sums have at most 30 bits
            reached = np.stack(
                [np.searchsorted(own, sums[:, o], side="right") for o, own in enumerate(thresholds)], axis=-1
            )
            results.append((reached + int(self.get_nodeattr("ActVal"))).reshape(*of_block.shape[:2], layout.outputs))
        context[self.onnx_node.output[0]] = np.concatenate(results)[None].astype(np.float32)


def _folded(shape: tuple[int, ...], lanes: int) -> tuple[int, ...]:
    return (*shape[:-1], shape[-1] // lanes, lanes)

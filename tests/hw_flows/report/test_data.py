# SPDX-License-Identifier: BSD-3-Clause
import numpy as np

from hw_flows.accelerator import Accelerator, Element, Endpoint, Instance, Stream, StreamPort
from hw_flows.inputs import NetworkInputs
from hw_flows.report.data import LayerBits, layer_bits, load_report_data
from hw_flows.report.files import write_report
from hw_flows.report.page import write_page


def small_accelerator() -> Accelerator:
    def instance(name: str, source: str, sink: str, parameters: dict[str, int]) -> Instance:
        ports = (StreamPort("s_axis", (source,)),), (StreamPort("m_axis", (sink,)),)
        return Instance(name, name, "m", parameters, (), (), *ports, "layer of " + name, 1, 1, 1, {})

    def stream(name: str, bits: int) -> Stream:
        return Stream(name, name, (1, 2, 2, 1), Element(bits, False), 1, Endpoint("", 0), Endpoint("", 0))

    return Accelerator(
        "small",
        (
            instance("FIFO_0", "in", "a", {"DEPTH": 2}),
            instance("MVAU_0", "a", "b", {"WEIGHT_BITS": 3}),
            instance("MVAU_1", "b", "c", {"WEIGHT_BITS": 5}),
        ),
        (stream("in", 8), stream("a", 8), stream("b", 4), stream("c", 12)),
        ("in",),
        ("c",),
    )


def test_bits_are_those_of_the_hardware():
    assert layer_bits(small_accelerator()) == (LayerBits("layer of MVAU_0", 3, 8), LayerBits("layer of MVAU_1", 5, 4))


def test_everything_is_read_from_the_output_folder_of_a_build(tmp_path, reports):
    for name, report in reports.items():
        write_report(tmp_path, name, report)
    small_accelerator().save(tmp_path / "rtl" / "accelerator.json")
    rng = np.random.default_rng(1)
    images, logits = rng.random((3, 1, 8, 8), np.float32), rng.standard_normal((3, 1, 8, 8))
    inputs, captured = tmp_path / "inputs", tmp_path / "verification"
    inputs.mkdir()
    captured.mkdir()
    files = {name: inputs / f"{name}.npy" for name in ("images", "expected")}
    np.save(files["images"], images)
    np.save(files["expected"], logits)
    np.save(inputs / "masks.npy", (logits > 1).astype(np.float32))
    np.save(captured / "hardware_logits.npy", logits)
    NetworkInputs(inputs / "network.onnx", files["images"], files["expected"], "net", "here", "there").save(
        inputs / "inputs.json"
    )

    data = load_report_data(tmp_path)
    assert data.board_title == "TUL PYNQ-Z2"
    assert data.resources == reports["resources"]
    assert len(data.bits) == 2
    assert len(data.frames) == 3
    assert (data.frames[2].network == (logits[2, 0] > 0)).all()
    assert (data.frames[2].reference == (logits[2, 0] > 1)).all()
    page = write_page(tmp_path)
    assert page == tmp_path / "report" / "index.html"
    assert page.read_text(encoding="utf-8").count("<img") == 3 * 6


def test_an_empty_folder_gives_an_almost_empty_page(tmp_path):
    assert "Accelerator report" in write_page(tmp_path).read_text(encoding="utf-8")

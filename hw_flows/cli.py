# SPDX-License-Identifier: BSD-3-Clause
"""The commands qu-build, qu-sim, qu-compare, qu-lift and qu-doctor. Exit status: 0 all held, 1 a check failed, 2 unusable input."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hw_flows.flow_names import CHOICES
from hw_flows.machine.errors import CheckFailed, UserError
from quantunet_common.command import Command, Ending, config_option
from quantunet_common.configurations import Purpose, is_name
from quantunet_common.messages import printable

if TYPE_CHECKING:
    from hw_flows.build import BuildResult
    from hw_flows.flows import FlowChoice

#: What a machine can say to any write: no space, over quota, file too large, read-only, not allowed.
MACHINE_IS_FULL_OR_CLOSED = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)
#: What it says to names that no file can have, or that lead nowhere.
NO_SUCH_NAME = (errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EILSEQ, errno.EINVAL)
FLOW_HELP = "How far to go after verification; flows through AMD's tools have not been run against the real ones yet.  [default: auto]"


def _from_system(error: OSError) -> UserError | None:
    """What a user can do about an error of the system; None where it is a bug of ours."""
    reason, name = error.strerror or str(error), error.filename or ""
    if error.errno in NO_SUCH_NAME:
        return UserError(reason, str(name))
    if error.errno in MACHINE_IS_FULL_OR_CLOSED:
        return UserError(
            reason,
            str(name or "while writing"),
            "free disk space or choose another --output, and check that you may write there; "
            "the same command then continues where it stopped",
        )
    return None


ends_cleanly = Ending(
    show=str,
    from_system=_from_system,
    less_memory="use smaller images, a smaller network or fewer frames",
    interrupted="the same command continues where it stopped",
)


@click.command(
    cls=Command,
    epilog="Example: qu-build --config demo --target-fps 500 --output builds/mine. "
    "The same command again continues an interrupted build. A network of your own, quantized and exported as ONNX: "
    "qu-build --check net.onnx, then qu-build --model net.onnx.",
)
@click.option(
    "--board",
    type=click.Path(),
    help="Board to build for, or the YAML file of your own; an unknown name lists all.  [default: pynq-z2]",
)
@click.option(
    "--model", type=click.Path(path_type=Path), help="Checkpoint of qu-train, or a quantized network as an .onnx file."
)
@click.option(
    "--check",
    type=click.Path(path_type=Path),
    metavar="MODEL",
    help="Only say what each layer of this model becomes, what is refused and its cure, and whether it fits.",
)
@config_option(Purpose.BUILD)
@click.option(
    "--input-shape",
    metavar="1,C,H,W",
    help="Size of the input, where a network leaves it open, such as 1,1,256,256.",
)
@click.option("--output-tensor", metavar="NAME", help="The output that counts, where a network has several.")
@click.option("--output", type=click.Path(path_type=Path), help="Output folder.  [default: builds/<board>]")
@click.option("--flow", type=click.Choice(CHOICES), help=FLOW_HELP)
@click.option("--target-fps", type=float, help="Frames per second that the folding aims for.")
@click.option("--clock-mhz", type=float, help="Clock frequency in MHz.  [default: the board's]")
@click.option(
    "--operators",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Folder of an operator of your own, whose Python code is run; may be given again.",
)
@click.option("--verify-input", type=click.Path(path_type=Path), help="Images, float32 NCHW .npy.")
@click.option("--verify-expected", type=click.Path(path_type=Path), help="The network's output for them, .npy.")
@click.option("--frames", type=int, help="Frames simulated back to back.  [default: 4]")
@click.option("--start-step", help="First step to run again; an unknown name lists all.")
@click.option("--stop-step", help="Last step to run; an unknown name lists all.")
@click.option("--jobs", type=int, help="Number of parallel processes.  [default: the number of cores]")
@click.option("--batch", is_flag=True, help="Print plain lines instead of a live display.")
@click.option("--docker", is_flag=True, help="Build inside a container; needs Docker or Podman, see docker/README.md.")
@click.option("--docker-image", envvar="QU_DOCKER_IMAGE", help="Image for --docker.  [default: built from docker/]")
@ends_cleanly
def build_command(**options: Any) -> int:
    """Turn a trained, quantized U-Net into RTL, prove it bit-exact in simulation, and report what it costs."""
    from hw_flows.build import build
    from hw_flows.build.console import Console
    from hw_flows.config import load_config
    from hw_flows.flows import choose_flow

    if options["clock_mhz"] is not None and not options["clock_mhz"] > 0:
        raise UserError(f"a clock of {options['clock_mhz']} MHz", "--clock-mhz", "give a positive number")
    overrides = {
        "board": options["board"],
        "model": options["model"],
        "input_shape": None if options["input_shape"] is None else _as_shape(options["input_shape"]),
        "output_tensor": options["output_tensor"],
        "output_dir": options["output"],
        "flow": options["flow"],
        "target_fps": options["target_fps"],
        "synth_clk_period_ns": 1000.0 / options["clock_mhz"] if options["clock_mhz"] else None,
        "operators": options["operators"] or None,
        "verify_input_npy": options["verify_input"],
        "verify_expected_output_npy": options["verify_expected"],
        "frames": options["frames"],
        "start_step": options["start_step"],
        "stop_step": options["stop_step"],
        "jobs": options["jobs"],
    }
    if options["check"] is not None:
        return _check(options, overrides)
    cfg = load_config(options["config_file"], overrides)
    if options["docker"]:
        from hw_flows.docker.run import build_in_container

        config = options["config_file"]
        mounted = None if config is None or is_name(config) else config  # the image brings those that have a name
        return build_in_container(cfg, mounted, _as_arguments(options), options["docker_image"])
    console = Console(batch=options["batch"])
    choice = choose_flow(cfg)
    result = build(cfg.model_copy(update={"flow": choice.flow}), console)
    console.summary(result.output_dir)
    console.say(printable(_how_far(choice, result, cfg.stop_step, cfg.activity)))
    for failure in result.failures:
        click.echo(printable(f"check failed: {failure}"), err=True)
    page = result.output_dir / "report" / "index.html"
    click.echo(printable(str(page if page.is_file() else result.output_dir)))
    return 0 if result.ok else 1


def _as_shape(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(size) for size in text[:100].split(","))
    except ValueError:
        raise UserError(
            f"--input-shape is {text[:100]!r}", "command line", "give 1,channels,height,width, such as 1,1,256,256"
        ) from None


def _check(options: dict[str, Any], overrides: dict[str, object]) -> int:
    from hw_flows.check import check
    from hw_flows.config import load_config

    for name in ("model", "docker"):
        if options[name]:
            raise UserError(
                f"--{name} has no meaning beside --check",
                "command line",
                f"leave --{name} out; --check names the model",
            )
    cfg = load_config(options["config_file"], {**overrides, "model": options["check"]})
    try:
        check(cfg, click.echo)
    except CheckFailed as failure:
        click.echo(printable(f"check failed: {failure}"), err=True)
        return 1
    return 0


def _how_far(choice: FlowChoice, result: BuildResult, stop_step: str | None, activity: bool | None = None) -> str:
    """What the flow promises, where the build got there, else which of its steps have not run and why."""
    from hw_flows.steps import steps_of

    ended = {record.name for record in result.steps if record.status in ("done", "kept", "failed")}
    left = [name for name in steps_of(choice.flow, activity) if name not in ended]
    if not left:
        return choice.words if result.ok else f"flow {choice.flow}: all steps ran, but not every check holds"
    if not result.ok:
        reason = "after a check that failed"
    elif stop_step is not None:
        reason = f"stopped after {stop_step} as asked; without --stop-step the same command goes on"
    else:
        reason = "the configuration's `steps` leave them out"
    return f"flow {choice.flow} is not complete: {', '.join(left)} did not run ({reason})"


def _as_arguments(options: dict[str, Any]) -> list[str]:
    """The command line of these options of qu-build again, without those about the container."""
    arguments: list[str] = []
    for parameter in build_command.params:
        value = options.get(str(parameter.name))
        if value is None or value is False or str(parameter.name).startswith("docker"):
            continue
        if value is True:
            arguments.append(parameter.opts[0])
        else:
            arguments += [
                word for one in (value if parameter.multiple else (value,)) for word in (parameter.opts[0], str(one))
            ]
    return arguments


@click.command(
    cls=Command,
    epilog="Example: qu-sim builds/pynq-z2 --frames 20 --stall 0.5 --seed 7 --waves waves.fst --waves-to 9000",
)
@click.argument("build_dir", type=click.Path(path_type=Path))
@click.option("--input", "images", type=click.Path(path_type=Path), help="Other images, float32 NCHW .npy.")
@click.option("--frames", type=int, help="Number of frames; images are repeated.  [default: all images]")
@click.option("--stall", type=float, default=0.0, show_default=True, help="Chance of a stall per cycle, 0 to 0.99.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the stalls.")
@click.option("--waves", type=click.Path(path_type=Path), help="Write waves of all signals to this FST file.")
@click.option("--waves-from", type=int, default=0, show_default=True, help="First cycle in the waves.")
@click.option("--waves-to", type=int, help="Last cycle in the waves.")
@click.option(
    "--saif", type=click.Path(path_type=Path), help="Write switching activity at full speed to this SAIF file."
)
@click.option(
    "--saif-frames", type=int, default=1, show_default=True, help="Frames that it is of, once all is at work."
)
@click.option("--output", type=click.Path(path_type=Path), help="Write the hardware's logits to this .npy file.")
@click.option("--jobs", type=int, default=2, show_default=True, help="Number of parallel compiler processes.")
@click.option(
    "--deployed",
    is_flag=True,
    help="Simulate instead deploy/run.py on its sample images, with its driver and the board's shell; with or without a bitstream.",
)
@ends_cleanly
def sim_command(**options: Any) -> int:
    """Simulate a finished build again: other images, stalls, waves, switching activity. Compares every stream, as qu-build does."""
    if options.pop("deployed"):
        from hw_flows.deploy.simulated import run_deployed

        return run_deployed(options["build_dir"], jobs=options["jobs"])
    from hw_flows.resimulate import resimulate

    outcome = resimulate(**options)
    click.echo(printable(outcome.text))
    return 0 if outcome.ok else 1


@click.command(cls=Command, epilog="Example: qu-compare builds/one builds/other --output comparison.html")
@click.argument("build_a", type=click.Path(path_type=Path))
@click.argument("build_b", type=click.Path(path_type=Path))
@click.option(
    "--output", type=click.Path(path_type=Path), help="Write the comparison as a page, too: a name that ends in .html."
)
@ends_cleanly
def compare_command(build_a: Path, build_b: Path, output: Path | None) -> int:
    """Compare two builds: speed, resources, bit widths, and the layers that differ."""
    from hw_flows.compare import compare

    click.echo(printable(compare(build_a, build_b, output), longest=200_000))
    return 0


@click.command(cls=Command, epilog="Example: qu-lift pynq-z2.bit --part xc7z020clg400-1 --output lifted.json")
@click.argument("bitstream", type=click.Path(path_type=Path))
@click.option(
    "--part", required=True, help="Ordering code of the device, such as xc7z020clg400-1 or LFE5U-85F-6BG381C."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Write the netlist here, as Yosys' JSON.  [default: beside the bitstream]",
)
@click.option(
    "--routed",
    type=click.Path(path_type=Path),
    help="Compare with the netlist that nextpnr wrote after routing (its option --write).",
)
@ends_cleanly
def lift_command(bitstream: Path, part: str, output: Path | None, routed: Path | None) -> int:
    """Turn a bitstream of a Zynq-7000 or an ECP5 back into a netlist of vendor cells, from its bits alone."""
    from hw_flows.lift.report import lift_to_file

    try:
        told = lift_to_file(bitstream, part, output or bitstream.with_suffix(".lifted.json"), routed)
    except CheckFailed as error:  # a bitstream that is one, and not right
        click.echo(f"error: {printable(str(error))}", err=True)
        return 1
    click.echo(printable(told))
    return 0


@click.command(cls=Command, epilog="Example: qu-doctor")
@ends_cleanly
def doctor_command() -> int:
    """List what is installed, what each flow still needs, and the command that installs it."""
    from hw_flows.doctor import examine

    click.echo(examine())
    return 0


def build_main() -> None:
    build_command(prog_name="qu-build")


def sim_main() -> None:
    sim_command(prog_name="qu-sim")


def compare_main() -> None:
    compare_command(prog_name="qu-compare")


def lift_main() -> None:
    lift_command(prog_name="qu-lift")


def doctor_main() -> None:
    doctor_command(prog_name="qu-doctor")

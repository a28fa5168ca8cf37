"""AMD Vivado: where it is, the script it runs, what its reports say."""

from hw_flows.vendor.vivado.implement import Design, Implementation, implement, require_timing
from hw_flows.vendor.vivado.install import Vivado, find_vivado, vivado_need

__all__ = ["Design", "Implementation", "Vivado", "find_vivado", "implement", "require_timing", "vivado_need"]

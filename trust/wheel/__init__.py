# SPDX-License-Identifier: BSD-3-Clause
"""The wheel, installed outside its checkout into an environment of its own, and used there as a stranger would."""

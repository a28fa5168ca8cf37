# SPDX-License-Identifier: BSD-3-Clause
"""What needs both houses, `quantunet` and `hw_flows`: a network measured in each of its forms, and experiments.

Neither of the two imports anything from here, and `quantunet` nothing from `hw_flows`.
"""

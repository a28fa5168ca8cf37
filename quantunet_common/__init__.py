# SPDX-License-Identifier: BSD-3-Clause
"""What training (`quantunet`) and hardware (`hw_flows`) share, and neither owns.

Modules import nothing at their start but what they are about, most of them the standard library alone:

- ``quantunet_common.errors``: the one error for what a user can cause
- ``quantunet_common.files``, ``quantunet_common.locks``: files that are whole or absent, folders for one process at a time
- ``quantunet_common.command``, ``quantunet_common.messages``: what every command does with arguments and errors
- ``quantunet_common.configurations``, ``quantunet_common.installation``: what comes along, what has to be installed
- ``quantunet_common.pixels``: from picture files to a network's input, in training and on a board
"""

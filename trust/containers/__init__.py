# SPDX-License-Identifier: BSD-3-Clause
"""The images of docker/, built and tried whole: `python -m trust.containers`; not a part of `python -m trust`.

It needs a container engine, or buildah, and a network or what `FINN_DOCKER_BUILD_EXTRA` makes of one.
"""

#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Offer the image's own tools, set up the Xilinx tools that are mounted, if any, then become the command.
#   FINN_XILINX_PATH     folder of the tools, for example /opt/Xilinx
#   FINN_XILINX_VERSION  for example 2022.2
# Their settings64.sh sets PATH, XILINX_VIVADO, XILINX_VITIS and XILINX_HLS; FINN also reads VIVADO_PATH, VITIS_PATH, HLS_PATH.
set -e

# Tools that the image brings are offered where the cache keeps such tools.
cached="${QU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hw_flows}/tools"
for tool in /opt/quantunet-image/tools/*; do
    if [ -d "$tool" ] && [ ! -d "$cached/${tool##*/}" ]; then
        mkdir -p "$cached"
        ln -sfn "$tool" "$cached/"
    fi
done

# <path>/<tool>/<version> up to 2024.x, <path>/<version>/<tool> from 2025.1 on.
folder_of() {
    local newer="$FINN_XILINX_PATH/$FINN_XILINX_VERSION/$1"
    if [ -d "$newer" ]; then echo "$newer"; else echo "$FINN_XILINX_PATH/$1/$FINN_XILINX_VERSION"; fi
}

set_up() {
    if [ -f "$1/settings64.sh" ]; then
        set +e # settings files end with the status of a test
        # shellcheck disable=SC1091  # only in the mounted tools
        source "$1/settings64.sh"
        set -e
    fi
}

if [ -n "$FINN_XILINX_PATH" ]; then
    if [ -z "$FINN_XILINX_VERSION" ]; then
        echo "error: FINN_XILINX_PATH is set, FINN_XILINX_VERSION is not (for example 2022.2)" >&2
        exit 2
    fi
    VIVADO_PATH="$(folder_of Vivado)"
    VITIS_PATH="$(folder_of Vitis)"
    HLS_PATH="$(folder_of Vitis_HLS)"
    # Since 2024.2 Vitis HLS is part of Vitis.
    if [ ! -d "$HLS_PATH" ]; then HLS_PATH="$VITIS_PATH"; fi
    if [ ! -f "$VIVADO_PATH/settings64.sh" ]; then
        echo "error: no Vivado $FINN_XILINX_VERSION: $VIVADO_PATH/settings64.sh is not there" >&2
        echo "  to do: mount the folder FINN_XILINX_PATH at the same place, and check FINN_XILINX_VERSION" >&2
        exit 2
    fi
    set_up "$VITIS_PATH"
    set_up "$HLS_PATH"
    set_up "$VIVADO_PATH"
    export VIVADO_PATH XILINX_VIVADO="${XILINX_VIVADO:-$VIVADO_PATH}"
    case ":$PATH:" in *":$VIVADO_PATH/bin:"*) ;; *) export PATH="$VIVADO_PATH/bin:$PATH" ;; esac
    if [ -d "$VITIS_PATH" ]; then export VITIS_PATH XILINX_VITIS="${XILINX_VITIS:-$VITIS_PATH}"; fi
    if [ -d "$HLS_PATH" ]; then export HLS_PATH XILINX_HLS="${XILINX_HLS:-$HLS_PATH}"; fi
    # Python of the image first: the tools bring their own.
    export PATH="/opt/quantunet-image/venv/bin:$PATH"
    # The licence check of Vivado ends with "realloc(): invalid pointer" in containers unless libudev is loaded first:
    # AMD answer record 34450.
    if [ -e /lib/x86_64-linux-gnu/libudev.so.1 ]; then export LD_PRELOAD=/lib/x86_64-linux-gnu/libudev.so.1; fi
fi

exec "$@"

#!/bin/sh
# Prints loss=x*x for the number given as the only argument. Needs bc.
set -eu
if [ $# -ne 1 ]; then
    echo "usage: square.sh NUMBER" >&2
    exit 64
fi
# bc does not know exponents, and a small number may come as 1e-05: printf writes it out.
x=$(LC_ALL=C printf '%.15f' "$1")
# BC_LINE_LENGTH=0 keeps a long result on one line.
square=$(echo "scale = 15; $x * $x" | BC_LINE_LENGTH=0 bc)
echo "loss=$square"

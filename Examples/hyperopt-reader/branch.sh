#!/bin/sh
# Prints score=S for --rate=R --branch.kind=K [--branch.bend=B]; the best are a rate of 0.05 and a bend of 0.3.
set -eu
rate=0 kind=flat bend=0
for option in "$@"; do
    case "$option" in
        --rate=*) rate=${option#*=} ;;
        --branch.kind=*) kind=${option#*=} ;;
        --branch.bend=*) bend=${option#*=} ;;
        *) echo "unknown option $option" >&2 && exit 64 ;;
    esac
done
LC_ALL=C awk -v rate="$rate" -v kind="$kind" -v bend="$bend" 'BEGIN {
    score = 1 - (log(rate / 0.05) / 7) ^ 2
    if (kind == "bent") score += 0.5 - (bend - 0.3) ^ 2
    printf "score=%.12f\n", score
}'

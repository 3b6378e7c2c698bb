#!/usr/bin/env bash
# Holds the arrows between targets: fails when a file in Sources imports what its target may not.
set -euo pipefail

# One row per target: the internal targets it may import. Add a row when you add a target; an arrow that points up or
# sideways is a decision to argue for, not a row to widen.
readonly INTERNAL='
CMongoC:
CArchive:
CCrypto:
BSON: CMongoC
MongoClient: BSON CMongoC
EmbeddedMongo: MongoClient BSON
StoreOptions: EmbeddedMongo MongoClient MongoTrialStore Coordination
CommandLineSupport: Diagnosis StoreOptions EmbeddedMongo MongoClient MongoTrialStore Coordination ExperimentModel SearchSpace
TuningMath:
SearchSpace: TuningMath
ExperimentModel: SearchSpace TuningMath
MetricPatterns:
ExperimentFile: ExperimentModel MetricPatterns SearchSpace
Samplers: ExperimentModel SearchSpace TuningMath
EarlyTermination: ExperimentModel TuningMath
Coordination: Samplers EarlyTermination ExperimentModel SearchSpace TuningMath
MemoryTrialStore: Coordination ExperimentModel SearchSpace
MongoTrialStore: Coordination ExperimentModel SearchSpace MongoClient BSON
Execution: ExperimentModel MetricPatterns SearchSpace
Workspaces: CArchive CCrypto Coordination Execution ExperimentModel
ResultSpool: ExperimentModel SearchSpace
WorkerRuntime: Coordination Execution ExperimentModel ResultSpool SearchSpace
Diagnosis: BSON Coordination EmbeddedMongo Execution ExperimentModel MongoClient MongoTrialStore ResultSpool SearchSpace
APIContract: ExperimentModel SearchSpace Coordination Inspection
Export: APIContract ExperimentFile ExperimentModel SearchSpace
Retention: Coordination ExperimentModel ResultSpool
TuningTestKit: Coordination ExperimentModel SearchSpace Samplers TuningMath MemoryTrialStore EmbeddedMongo MongoClient BSON MongoTrialStore
CRawLoop:
TerminalView: CommandLineSupport Coordination Execution ExperimentModel Inspection SearchSpace
Simulation: Coordination EarlyTermination Execution ExperimentModel MemoryTrialStore Samplers SearchSpace TuningMath WorkerRuntime
Inspection: Coordination ExperimentModel SearchSpace
hyperserver: Diagnosis StoreOptions CommandLineSupport EmbeddedMongo MongoTrialStore MemoryTrialStore Coordination Samplers ExperimentFile ExperimentModel SearchSpace TuningMath Execution WorkerRuntime APIContract TerminalView Export Retention Inspection Workspaces
Chaos: ExperimentModel SearchSpace TuningMath
hyperchaos: Chaos CommandLineSupport Coordination ExperimentFile ExperimentModel StoreOptions TuningTestKit
hyperbench: BSON CommandLineSupport Coordination Execution ExperimentModel MongoClient MongoTrialStore SearchSpace StoreOptions TuningTestKit WorkerRuntime CRawLoop Samplers EarlyTermination TuningMath
hypersimulate: Simulation
hyperworker: StoreOptions CommandLineSupport EmbeddedMongo MongoTrialStore WorkerRuntime Workspaces Execution Coordination ExperimentModel SearchSpace
'

# Modules from outside that only some targets may import. Those not named here are free to all.
readonly EXTERNAL='
Yams: ExperimentFile
ArgumentParser: hyperserver hyperworker hyperbench hyperchaos hypersimulate StoreOptions CommandLineSupport
'

if [[ "${1:-}" == -h || "${1:-}" == --help ]]; then
    cat <<'END'
usage: scripts/check-imports.sh [ROOT]

Compares the import lines of ROOT/Sources (default: this repository) with the table in this script: which target may
import which. Prints every line that is not allowed; exits 1 if there is one, or if a target has no row.
END
    exit 0
fi

root=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
if [[ ! -d "$root/Sources" ]]; then
    echo "check-imports: error: there is no directory $root/Sources" >&2
    exit 1
fi
cd "$root"

failed=0
for directory in Sources/*/; do
    target=$(basename "$directory")
    if [[ "$INTERNAL" != *$'\n'"$target:"* ]]; then
        echo "$directory: error: target $target has no row in scripts/check-imports.sh; add one with what it may import" >&2
        failed=1
    fi
done

# shellcheck disable=SC2016  # the single quotes hold awk, not shell
# `-L`: a scratch package may link the folders in. Attributes, access levels and `import struct X.Y` are peeled off word by
# word, and submodules cut off, so that every spelling of an import ends as one module name.
find -L Sources -mindepth 2 -name '*.swift' -type f -print0 | sort -z |
    INTERNAL_ROWS="$INTERNAL" EXTERNAL_ROWS="$EXTERNAL" xargs -0 -r awk '
    function read_table(text, allowed, known,    rows, count, i, name, j, names, total) {
        count = split(text, rows, "\n")
        for (i = 1; i <= count; i++) {
            if (rows[i] !~ /:/) continue
            name = rows[i]; sub(/:.*/, "", name)
            sub(/^[^:]*:[ ]*/, "", rows[i])
            known[name] = rows[i]
            total = split(rows[i], names, " ")
            for (j = 1; j <= total; j++) allowed[name, names[j]] = 1
        }
    }
    function check(module, target) {
        if (module == target) return
        if (module in internal) {
            if ((target in internal) && !((target, module) in may_import))
                report(target " may not import " module " (allowed: " (internal[target] == "" ? "no target of ours" : internal[target]) ")")
        } else if ((module in external) && !((module, target) in may_be_imported_by))
            report(target " may not import " module " (only: " external[module] ")")
    }
    function report(message) {
        print FILENAME ":" FNR ": error: " message
        failed = 1
    }
    BEGIN {
        read_table(ENVIRON["INTERNAL_ROWS"], may_import, internal)
        read_table(ENVIRON["EXTERNAL_ROWS"], may_be_imported_by, external)
        count = split("struct class enum protocol typealias func let var actor", list, " ")
        for (i = 1; i <= count; i++) kinds[list[i]] = 1
    }
    FNR == 1 { in_text = 0 }
    # Text in a multi-line string literal is not code.
    {
        marks = gsub(/"""/, "&")
        if (marks % 2 == 1) { in_text = !in_text; next }
        if (in_text) next
    }
    /(^|[^A-Za-z0-9_])import[ \t]/ {
        line = $0
        sub(/\/\/.*/, "", line)
        split(FILENAME, path, "/")
        count = split(line, statements, ";")
        for (i = 1; i <= count; i++) {
            statement = statements[i]
            gsub(/\/\*[^*]*\*\//, " ", statement)
            gsub(/\([^)]*\)/, "", statement)
            words = split(statement, word, /[ \t\r]+/)
            w = 1
            while (w <= words && (word[w] == "" || word[w] ~ /^@/ || word[w] ~ /^(public|package|internal|fileprivate|private)$/)) w++
            if (word[w] != "import") continue
            w++
            if (word[w] in kinds) w++
            module = word[w]
            sub(/\..*/, "", module)
            gsub(/`/, "", module)
            check(module, path[2])
        }
    }
    END { exit failed }
' >&2 || failed=1

if ((failed)); then
    echo "check-imports: error: see above; the table is in scripts/check-imports.sh" >&2
    exit 1
fi
echo "check-imports: every import is allowed"

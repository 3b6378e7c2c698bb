/// Looks for a pattern in lines, following all ways to match at once.
///
/// The time is at most the length of the line times the number of instructions, whatever the pattern and the line: there is no
/// backtracking. Of several matches that begin at the same place it finds the one that Perl and Python find.
/// Pike's virtual machine, after Cox (2009), "Regular Expression Matching: the Virtual Machine Approach".
///
/// Not for several threads at once: it keeps its memory between lines.
final class PatternMatcher {
    /// Ways that are followed at one place of the line, the preferred first; an instruction is followed once.
    private struct Ways {
        let places: UnsafeMutablePointer<Int>
        /// `slots` for each way.
        let noted: UnsafeMutablePointer<Int>
        /// For each instruction the moment at which it was added last.
        let added: UnsafeMutablePointer<Int>
        var count = 0

        init(_ instructions: Int, _ slots: Int) {
            places = .allocate(capacity: instructions)
            noted = .allocate(capacity: instructions * slots)
            added = .allocate(capacity: instructions)
            added.initialize(repeating: 0, count: instructions)
        }

        func free() {
            places.deallocate()
            noted.deallocate()
            added.deallocate()
        }
    }

    /// What is still to be followed without taking a byte; `slot` is set back to `value` when `place` is negative.
    private struct Step {
        var place: Int
        var slot = 0
        var value = 0
    }

    private let program: PatternProgram
    private var current: Ways
    private var next: Ways
    private var steps: [Step] = []
    private var moment = 0

    init(_ program: PatternProgram) {
        self.program = program
        current = Ways(program.instructions.count, program.slots)
        next = Ways(program.instructions.count, program.slots)
    }

    deinit {
        current.free()
        next.free()
    }

    /// The first match at or after `start`: begin and end of the match and of each group, -1 for one that took no part.
    func match(_ line: UnsafeRawBufferPointer, from start: Int) -> [Int]? {
        let slots = program.slots
        var here = current
        var ahead = next
        var scratch = [Int](repeating: -1, count: slots)
        var found: [Int]?
        var position = start
        here.count = 0
        moment += 1
        while true {
            if here.count == 0 {
                if found != nil { return found }
                if let first = program.firstBytes {
                    while position < line.count, !first.contains(line[position]) { position += 1 }
                    if position == line.count { return nil }
                }
                moment += 1
            }
            if found == nil {
                for slot in scratch.indices { scratch[slot] = -1 }
                add(0, at: position, line, to: &here, &scratch)
            }
            ahead.count = 0
            moment += 1
            ways: for way in 0..<here.count {
                let place = here.places[way]
                switch program.instructions[place] {
                case .match:
                    // What is preferred less is over.
                    found = (0..<slots).map { here.noted[way * slots + $0] }
                    break ways
                case .byte(let set):
                    guard position < line.count, program.sets[set].contains(line[position]) else { continue }
                    for slot in 0..<slots { scratch[slot] = here.noted[way * slots + slot] }
                    add(place + 1, at: position + 1, line, to: &ahead, &scratch)
                case .split, .jump, .save, .assert: break
                }
            }
            swap(&here, &ahead)
            guard position < line.count else { return found }
            position += 1
        }
    }

    /// Follows everything from `start` on that takes no byte, up to where a byte is taken or the match is complete.
    private func add(
        _ start: Int,
        at position: Int,
        _ line: UnsafeRawBufferPointer,
        to ways: inout Ways,
        _ noted: inout [Int]
    ) {
        let slots = program.slots
        steps.append(Step(place: start))
        while let step = steps.popLast() {
            guard step.place >= 0 else {
                noted[step.slot] = step.value
                continue
            }
            guard ways.added[step.place] != moment else { continue }
            ways.added[step.place] = moment
            switch program.instructions[step.place] {
            case .jump(let target): steps.append(Step(place: target))
            case .split(let first, let second):
                steps.append(Step(place: second))
                steps.append(Step(place: first))
            case .save(let slot):
                steps.append(Step(place: -1, slot: slot, value: noted[slot]))
                noted[slot] = position
                steps.append(Step(place: step.place + 1))
            case .assert(let assertion):
                if Self.holds(assertion, at: position, line) { steps.append(Step(place: step.place + 1)) }
            case .byte, .match:
                ways.places[ways.count] = step.place
                for slot in 0..<slots { ways.noted[ways.count * slots + slot] = noted[slot] }
                ways.count += 1
            }
        }
    }

    private static func holds(
        _ assertion: PatternAssertion,
        at position: Int,
        _ line: UnsafeRawBufferPointer
    ) -> Bool {
        switch assertion {
        case .lineStart: position == 0
        case .lineEnd: position == line.count
        case .wordBoundary: isWord(position - 1, line) != isWord(position, line)
        case .noWordBoundary: isWord(position - 1, line) == isWord(position, line)
        }
    }

    private static func isWord(_ position: Int, _ line: UnsafeRawBufferPointer) -> Bool {
        line.indices.contains(position) && ByteSet.wordBytes.contains(line[position])
    }
}

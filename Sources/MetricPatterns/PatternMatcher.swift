/// Looks for a pattern in lines, following all ways to match at once.
///
/// The time is at most the length of the line times the number of instructions, whatever the pattern and the line: there is no
/// backtracking. Of several matches that begin at the same place it finds the one that Perl and Python find.
/// Pike's virtual machine, after Cox (2009), "Regular Expression Matching: the Virtual Machine Approach".
///
/// Not for several threads at once: it keeps its memory between lines.
final class PatternMatcher {
    /// An instruction with its numbers side by side, so that nothing has to be unpacked at every byte.
    private struct Flat {
        enum Operation: UInt8 { case byte, split, jump, save, assert, match }
        var operation: Operation
        var first = 0
        var second = 0
        var assertion = PatternAssertion.lineStart
    }

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

    /// Everything that a search works on, in memory of its own: checked arrays would take most of the time.
    private struct Engine {
        let slots: Int
        let code: UnsafeMutablePointer<Flat>
        /// For each set 256 truth values.
        let sets: UnsafeMutablePointer<Bool>
        let steps: UnsafeMutablePointer<Step>
        let scratch: UnsafeMutablePointer<Int>
        var here: Ways
        var ahead: Ways
        var moment = 0
    }

    private let firstBytes: ByteSet?
    private var engine: Engine

    init(_ program: PatternProgram) {
        firstBytes = program.firstBytes
        let count = program.instructions.count
        let code = UnsafeMutablePointer<Flat>.allocate(capacity: count)
        for (index, instruction) in program.instructions.enumerated() {
            (code + index).initialize(to: Self.flat(instruction))
        }
        let sets = UnsafeMutablePointer<Bool>.allocate(capacity: max(1, program.sets.count) * 256)
        for (index, set) in program.sets.enumerated() {
            for byte in 0...UInt8.max { (sets + (index * 256 + Int(byte))).initialize(to: set.contains(byte)) }
        }
        engine = Engine(
            slots: program.slots,
            code: code,
            sets: sets,
            // An instruction is followed once and leaves two steps at most.
            steps: .allocate(capacity: 2 * count + 1),
            scratch: .allocate(capacity: program.slots),
            here: Ways(count, program.slots),
            ahead: Ways(count, program.slots)
        )
    }

    deinit {
        engine.code.deallocate()
        engine.sets.deallocate()
        engine.steps.deallocate()
        engine.scratch.deallocate()
        engine.here.free()
        engine.ahead.free()
    }

    private static func flat(_ instruction: PatternProgram.Instruction) -> Flat {
        switch instruction {
        case .byte(let set): Flat(operation: .byte, first: set * 256)
        case .split(let first, let second): Flat(operation: .split, first: first, second: second)
        case .jump(let target): Flat(operation: .jump, first: target)
        case .save(let slot): Flat(operation: .save, first: slot)
        case .assert(let assertion): Flat(operation: .assert, assertion: assertion)
        case .match: Flat(operation: .match)
        }
    }

    /// The first match at or after `start`: begin and end of the match and of each group, -1 for one that took no part.
    func match(_ line: UnsafeRawBufferPointer, from start: Int) -> [Int]? {
        // Moved out and back: one access to memory of the class, not one for each byte.
        var engine = engine
        defer { self.engine.moment = engine.moment }
        return Self.match(line, from: start, firstBytes, &engine)
    }

    private static func match(
        _ line: UnsafeRawBufferPointer,
        from start: Int,
        _ firstBytes: ByteSet?,
        _ engine: inout Engine
    ) -> [Int]? {
        let slots = engine.slots
        var found: [Int]?
        var position = start
        engine.here.count = 0
        engine.moment += 1
        while true {
            if engine.here.count == 0 {
                if found != nil { return found }
                if let firstBytes {
                    while position < line.count, !firstBytes.contains(line[position]) { position += 1 }
                    if position == line.count { return nil }
                }
                engine.moment += 1
            }
            if found == nil {
                engine.scratch.update(repeating: -1, count: slots)
                add(0, at: position, line, to: &engine.here, engine)
            }
            engine.ahead.count = 0
            engine.moment += 1
            let byte = position < line.count ? Int(line[position]) : -1
            for way in 0..<engine.here.count {
                let place = engine.here.places[way]
                if engine.code[place].operation == .match {
                    // What is preferred less is over.
                    found = Array(UnsafeBufferPointer(start: engine.here.noted + way * slots, count: slots))
                    break
                }
                guard byte >= 0, engine.sets[engine.code[place].first + byte] else { continue }
                engine.scratch.update(from: engine.here.noted + way * slots, count: slots)
                add(place + 1, at: position + 1, line, to: &engine.ahead, engine)
            }
            swap(&engine.here, &engine.ahead)
            guard position < line.count else { return found }
            position += 1
        }
    }

    /// Follows everything from `start` on that takes no byte, up to where a byte is taken or the match is complete.
    private static func add(
        _ start: Int,
        at position: Int,
        _ line: UnsafeRawBufferPointer,
        to ways: inout Ways,
        _ engine: Engine
    ) {
        let (slots, noted, steps, moment) = (engine.slots, engine.scratch, engine.steps, engine.moment)
        var count = 1
        steps[0] = Step(place: start)
        while count > 0 {
            count -= 1
            let step = steps[count]
            guard step.place >= 0 else {
                noted[step.slot] = step.value
                continue
            }
            guard ways.added[step.place] != moment else { continue }
            ways.added[step.place] = moment
            let instruction = engine.code[step.place]
            switch instruction.operation {
            case .jump:
                steps[count] = Step(place: instruction.first)
                count += 1
            case .split:
                steps[count] = Step(place: instruction.second)
                steps[count + 1] = Step(place: instruction.first)
                count += 2
            case .save:
                steps[count] = Step(place: -1, slot: instruction.first, value: noted[instruction.first])
                noted[instruction.first] = position
                steps[count + 1] = Step(place: step.place + 1)
                count += 2
            case .assert:
                if holds(instruction.assertion, at: position, line) {
                    steps[count] = Step(place: step.place + 1)
                    count += 1
                }
            case .byte, .match:
                ways.places[ways.count] = step.place
                (ways.noted + ways.count * slots).update(from: noted, count: slots)
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

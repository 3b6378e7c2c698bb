/// Everything that a simulation does to the system, and what came of it: counted, so that a rare thing that never happens
/// is seen.
enum Fault: String, Sendable, CaseIterable {
    case workerKilled = "worker killed"
    case workerDrained = "worker told to leave"
    case workerAsked = "worker asked through the store to leave"
    case workerStopped = "worker told to stop at once"
    case workerStarted = "worker started later"
    case serverKilled = "server killed"
    case serverStopped = "server told to leave"
    case serverStarted = "server started later"
    case workerPaused = "worker paused"
    case serverPaused = "server paused"
    case nodeCutOff = "cut off from the store"
    case storeAway = "store away for all"
    case nodeClockJump = "clock of a program jumped"
    case storeClockJump = "clock of the store jumped"
    case storeClockBack = "clock of the store stepped back"
    case requestLost = "request lost"
    case requestLate = "request took effect after its caller gave up"
    case replyLost = "reply lost"
    case claimReplyLost = "reply to a claim lost"
    case resultReplyLost = "reply to a result lost"
    case eventLost = "event lost"
    case eventRepeated = "event repeated"
    case eventDelayed = "event out of order"
    case listeningBroken = "listening broken off"
    case personActed = "person changed something"
    case trialFailed = "trial failed"
    case attemptRefused = "attempt that the machine could not start"
    case trialPoisoned = "trial given up as poison"
    case trialDelayed = "repeat that had to wait"
    case trialHung = "trial hung"
    case trialKilled = "trial ended with its worker"
    case trialGuarded = "exclusive trial ended by the guard"
    case trialStopped = "trial told to stop early"
    case stoppedTrialLost = "trial that was to stop lost its worker"
    case staleWrite = "write of a deposed leader refused"
    case resultFenced = "result of a lost attempt refused"
    case leaseExpired = "lease expired"
    case leadChanged = "lead changed hands"
    case twoLeaders = "two servers believed to lead"
    case experimentReopened = "ended experiment reopened"
}

/// How often each ``Fault`` happened.
final class FaultCounts: Sendable {
    private let counts = Confined<[Fault: Int]>([:])

    func add(_ fault: Fault, _ count: Int = 1) { counts.value[fault, default: 0] += count }

    var all: [Fault: Int] { counts.value }
}

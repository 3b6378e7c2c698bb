import ExperimentModel
import Logging

/// Stopping trials early, where the definition has policies.
extension ExperimentLeader {
    /// Reports that are read with one question.
    static var reportPageSize: Int { 2000 }
    /// Pages that are read before everything else has its turn: a successor may have millions of reports to read.
    static var largestReportPageCount: Int { 32 }

    /// Takes in what was reported, and writes what the policies decide on it.
    ///
    /// A decision that could not be written, or whose reply was lost, stays and is written with the next step.
    mutating func judgeReports() async throws {
        guard desk != nil else { return }
        let known = ledger
        desk?.hearEnds(known)
        try await readReports()
        guard let stops = desk?.stops(known), !stops.isEmpty else { return }
        try await confirmLead()
        try await store.stopTrials(stops, of: lead)
        desk?.wrote(stops)
        for (number, stop) in stops.sorted(by: { $0.key < $1.key }) {
            logger.info("trial \(number) is to stop early: \(stop.message)")
        }
    }

    private mutating func readReports() async throws {
        for _ in 0..<Self.largestReportPageCount {
            guard let place = desk?.nextPage else { return }
            let page = try await store.objectiveReports(of: lead.id, after: place, limit: Self.reportPageSize)
            desk?.take(page: page, isLast: page.count < Self.reportPageSize)
            try await confirmLead()
        }
        mailbox.wake()
    }
}

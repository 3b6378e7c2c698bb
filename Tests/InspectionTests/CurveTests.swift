import Coordination
import ExperimentModel
import Inspection
import MemoryTrialStore
import Testing
import TuningTestKit

@Suite("Learning curves")
struct CurveTests {
    private let objective = Objective(metric: "loss", goal: .minimize)

    private func sketch(_ values: some Sequence<Double>) -> CurveSketch {
        var curve = CurveSketch(objective)
        for (index, value) in values.enumerated() { curve.add(step: Int64(index) * 10, value: value) }
        return curve
    }

    @Test("a short curve is kept as it is, with first, last and best report")
    func short() {
        let curve = sketch([4, .nan, 2, 2, 3])
        #expect(curve.points.map(\.step) == [0, 10, 20, 30, 40])
        #expect(curve.points.map { $0.value.isFinite } == [true, false, true, true, true])
        #expect(curve.reports == 5 && curve.reportsPerPoint == 1)
        #expect(curve.first == .init(step: 0, value: 4) && curve.last == .init(step: 40, value: 3))
        #expect(curve.best == .init(step: 20, value: 2))
        #expect(curve.columns(80).best == 2)
        #expect(curve.columns(0).values.isEmpty)
        #expect(sketch([.nan, .infinity]).best == nil)
    }

    @Test(
        "a long curve keeps its shape, its ends and its best in as many points, however long it is",
        arguments: [128, 129, 256, 257, 1000, 100_000]
    )
    func long(count: Int) throws {
        // A valley at three quarters.
        let curve = sketch((0..<count).lazy.map { abs(Double($0) - 0.75 * Double(count)) })
        #expect(curve.points.count <= CurveSketch.capacity && curve.points.count > CurveSketch.capacity / 2)
        #expect(curve.reports == count)
        #expect(curve.reportsPerPoint * CurveSketch.capacity >= count)
        #expect(curve.first?.step == 0 && curve.last?.step == Int64(count - 1) * 10)
        #expect(curve.points.last?.step == curve.last?.step)
        for width in [7, 16, 100] {
            let columns = curve.columns(width)
            #expect(columns.values.count == min(width, curve.points.count))
            let best = try #require(columns.best)
            let lowest = try #require(columns.values.indices.min { columns.values[$0] < columns.values[$1] })
            #expect(abs(best - lowest) <= 1)
        }
    }

    @Test("a reader takes what is new page by page and nothing twice")
    func reader() async throws {
        let store: any TrialStore = MemoryTrialStore { Timestamp(milliseconds: 1) }
        let lead = try await TrialStoreConformance.running(store, trials: 1)
        let trial = try await TrialStoreConformance.claim(store, lead.id)
        let objective = lead.experiment.definition.objective
        func report(_ numbers: Range<Int>) async throws {
            try await store.record(
                numbers.map {
                    Observation(
                        trial: trial.id,
                        attempt: 1,
                        sequence: $0,
                        metric: $0.isMultiple(of: 2) ? objective.metric : "other",
                        step: Int64($0),
                        value: Double($0)
                    )
                }
            )
        }
        var reader = CurveReader(trial.id, attempt: 1, objective)
        try await report(0..<10)
        try await reader.readOn(store)
        #expect(reader.curve.points.map(\.step) == [0, 2, 4, 6, 8])
        try await report(10..<6000)
        try await reader.readOn(store, pages: 1)
        #expect(reader.curve.reports == 1005)
        try await reader.readOn(store)
        try await reader.readOn(store)
        #expect(reader.curve.reports == 3000)
        let whole = try await CurveReader.curve(of: trial, objective, in: store)
        #expect(whole == reader.curve)
        var other = trial
        other.attempt = 2
        #expect(try await CurveReader.curve(of: other, objective, in: store) == nil)
    }
}

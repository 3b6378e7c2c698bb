import BSON
import Testing

@testable import EmbeddedMongo

@Suite("Replica set step")
struct ReplicaSetStepTests {
    private let member = "127.0.0.1:7"
    private func configuration(_ host: String, version: Int32 = 3) -> BSONDocument {
        ["_id": "hyper", "version": .int32(version), "members": [["_id": 0, "host": .string(host)]]]
    }

    @Test("initiates a server without configuration")
    func initiates() {
        #expect(
            ReplicaSetStep.next(hello: ["isWritablePrimary": false], configuration: nil, member: member) == .initiate
        )
    }

    @Test("replaces the configuration of another port, with a higher version")
    func reconfigures() {
        let step = ReplicaSetStep.next(
            hello: ["isWritablePrimary": false],
            configuration: configuration("127.0.0.1:8"),
            member: member
        )
        #expect(step == .reconfigure(version: 4))
    }

    @Test("waits for the election, and is done with the primary", arguments: [true, false])
    func primary(isPrimary: Bool) {
        let step = ReplicaSetStep.next(
            hello: ["isWritablePrimary": .bool(isPrimary)],
            configuration: configuration(member),
            member: member
        )
        #expect(step == (isPrimary ? ReplicaSetStep.none : .wait))
    }
}

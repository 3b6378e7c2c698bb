import BSON
import Coordination
import ExperimentModel

extension TrialID {
    /// The `_id` of the trial's document: the experiment's creation second, five bytes of a hash of its id, and the number.
    ///
    /// It grows with the number whatever the clocks, since hyperopt sorts by `_id`, and it is the same for every leader, so
    /// that an insert can be repeated.
    func objectID(createdAt: Timestamp) throws(TrialStoreError) -> BSONObjectID {
        // FNV-1a, 64 bits, folded to 40 (Fowler, Noll and Vo).
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in experiment.rawValue.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        let folded = (hash >> 40) ^ (hash & 0xff_ffff_ffff)
        let fiveBytes = (0..<5).map { UInt8(truncatingIfNeeded: folded >> (8 * (4 - UInt64($0)))) }
        guard
            let id = BSONObjectID(
                seconds: UInt32(truncatingIfNeeded: createdAt.milliseconds / 1000),
                maker: fiveBytes,
                counter: UInt32(clamping: number)
            )
        else {
            throw .rejected(
                "trial \(self) is beyond \(BSONObjectID.maximumCounter), the most that one experiment can have"
            )
        }
        return id
    }
}

/// What the ids of an experiment's trials have in common: all but the number.
struct TrialOwnership: Hashable, Sendable {
    private let high: UInt64
    private let last: UInt32

    init(_ id: BSONObjectID) {
        high = id.high
        last = id.low & ~BSONObjectID.maximumCounter
    }
}

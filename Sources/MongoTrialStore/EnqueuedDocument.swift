import BSON
import Coordination
import ExperimentModel
import OrderedCollections
import SearchSpace

/// An enqueued point inside an experiment's document.
enum EnqueuedDocument {
    /// `{id, values: {label: number}}`.
    static func make(_ point: EnqueuedPoint) throws -> BSONDocument {
        let values = point.values.values.map { ($0.key, BSONValue($0.value)) }
        return ["id": .string(point.id), "values": .document(try BSONDocument(values))]
    }

    /// Reads one element of `enqueued`.
    static func read(_ value: BSONValue, space: SearchSpace) throws -> EnqueuedPoint {
        guard let document = value.asDocument else { throw BSONError.missing(key: "enqueued") }
        var suggestion = Suggestion()
        for (label, number) in try document.require("values").document.elements {
            guard let number = number.labelValue else { throw BSONError.missing(key: "enqueued.values.\(label)") }
            suggestion.values[label] = number
        }
        return EnqueuedPoint(id: try document.require("id").string, values: space.canonical(suggestion))
    }
}

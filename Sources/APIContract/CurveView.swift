public import Inspection
import OrderedCollections
public import SearchSpace

/// Learning curves as `--json` shows them; `docs/schema.md` lists the fields.
public enum CurveView {
    /// The curve of an attempt; null when it has reported nothing.
    public static func json(_ curve: CurveSketch?, attempt: Int) -> ParameterValue {
        guard let curve, curve.reports > 0 else { return .null }
        return [
            "attempt": .integer(Int64(attempt)),
            "reports": .integer(Int64(curve.reports)),
            "first": point(curve.first),
            "best": point(curve.best),
            "last": point(curve.last),
            "reports_per_point": .integer(Int64(curve.reportsPerPoint)),
            "points": .list(curve.points.map(point)),
        ]
    }

    /// JSON has no NaN and infinities: they are null.
    private static func point(_ point: CurveSketch.Point?) -> ParameterValue {
        guard let point else { return .null }
        return [
            "step": .integer(point.step), "value": point.value.isFinite ? .double(point.value) : .null,
        ]
    }
}

import Foundation
import OrderedCollections
import SearchSpace
import Testing

@Suite("Stored search spaces")
struct CodingTests {
    /// Foundation's JSON keeps neither the order of keys nor the difference of 2 and 2.0, so both are put aside here.
    @Test("coding writes the normalised form and reads it", arguments: 0..<30)
    func coding(seed: UInt64) throws {
        var spaces = RandomSpaces(seed: seed)
        let space = try spaces.next()
        let data = try JSONEncoder().encode(space)
        let text = String(decoding: data, as: UTF8.self)
        #expect(try ParameterValue(json: text).isSame(as: space.normalised), "seed \(seed)")
        let decoded = try JSONDecoder().decode(SearchSpace.self, from: data)
        #expect(decoded.normalised.isSame(as: space.normalised), "seed \(seed)")
        #expect(Set(decoded.parameters.keys) == Set(space.parameters.keys))
    }

    @Test("a coder that does not keep 2 and 2.0 apart gives back an equal space")
    func wholeDoubles() throws {
        let condition = ParameterCondition(clauses: [.init(label: "k", values: [2.0, 0.5])])
        let space = try SearchSpace(root: [
            "k": .parameter(
                Parameter(label: "k", domain: .choice([.constant(2.0), .constant(0.5), .constant([1e3, ["a": 3.0]])]))
            )
        ])
        #expect(try JSONDecoder().decode(SearchSpace.self, from: JSONEncoder().encode(space)) == space)
        #expect(space.normalised.json.contains("[2,0.5,"))
        let conditional = try SearchSpace(root: [
            "k": .parameter(Parameter(label: "k", domain: .choice([.constant(2), .constant(0.5)]))),
            "x": .parameter(Parameter(label: "x", domain: .uniform(low: 0, high: 1), condition: condition)),
        ])
        #expect(conditional.parameters["x"]?.condition?.clauses.first?.values == [2, 0.5])
    }

    @Test("is the mapping form of the experiment file")
    func form() throws {
        let space = try Spaces.models()
        let expected = """
            {"model":{"label":"model","type":"choice","options":[\
            {"type":"mapping","entries":{"type":{"type":"constant","value":"svm"},\
            "C":{"label":"C","type":"loguniform","low":-4,"high":6}}},\
            {"type":"mapping","entries":{"type":{"type":"constant","value":"mlp"},\
            "hidden":{"label":"hidden","type":"int","min":8,"max":64,"log":false,"step":8}}}]},\
            "kernel":{"label":"kernel","type":"choice","options":["rbf","poly"]},\
            "degree":{"label":"degree","type":"int","min":2,"max":5,"log":false,"when":{"kernel":["poly"]}},\
            "batch":32}
            """
        #expect(space.normalised.json == expected)
    }

    @Test(
        "refuses stored forms that are not of this kind",
        arguments: [
            "[]", "1", "{}", #"{"x":[1]}"#, #"{"x":{"type":"uniform","label":"x","low":0}}"#,
            #"{"x":{"type":"unifrm","label":"x","low":0,"high":1}}"#, #"{"x":{"type":"uniform","low":0,"high":1}}"#,
            #"{"x":{"type":"int","label":"x","min":0.5,"max":1,"log":false}}"#, #"{"x":{"type":1}}"#,
            #"{"x":{"type":"uniform","label":"x","low":1,"high":0}}"#, #"{"x":{"type":"mapping","entries":1}}"#,
            #"{"x":{"type":"uniform","label":"x","low":0,"high":1,"when":{"x":1}}}"#,
            #"{"x":{"type":"choice","label":"x","options":1}}"#,
        ]
    )
    func refuses(text: String) throws {
        let value = try ParameterValue(json: text)
        #expect(throws: SearchSpaceError.self) { try SearchSpace(normalised: value) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(SearchSpace.self, from: Data(text.utf8)) }
    }

    @Test("refuses nesting that would exhaust the stack")
    func depth() {
        let text = String(repeating: #"{"x":"#, count: 400) + "1" + String(repeating: "}", count: 400)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(SearchSpace.self, from: Data(text.utf8)) }
    }

    @Test("an assignment is stored as a mapping")
    func assignment() throws {
        struct Box: Codable, Equatable {
            var assignment: Assignment
            init(_ assignment: Assignment) { self.assignment = assignment }
            init(from decoder: any Decoder) throws { assignment = try Assignment(decodingMappingFrom: decoder) }
            func encode(to encoder: any Encoder) throws { try assignment.encodeMapping(to: encoder) }
        }
        let box = Box(["x": ["a": [1, nil, true], "b": "t"]])
        let data = try JSONEncoder().encode(box)
        #expect(try ParameterValue(json: String(decoding: data, as: UTF8.self)).isSame(as: .mapping(box.assignment)))
        let back = try JSONDecoder().decode(Box.self, from: data)
        #expect(ParameterValue.mapping(back.assignment).isSame(as: .mapping(box.assignment)))
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Box.self, from: Data("[1]".utf8)) }
    }
}

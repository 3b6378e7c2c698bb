import MongoClient
import Testing

@Suite("Connection string")
struct ConnectionStringTests {
    @Test("names hosts, set, user and password, decoded")
    func parts() throws {
        let parts = try ConnectionString("mongodb://a%40b:p%2Fw@one,two:27018/?replicaSet=rs&authSource=people")
        #expect(parts.hosts == ["one:27017", "two:27018"])
        #expect(parts.replicaSet == "rs")
        #expect(parts.user == "a@b")
        #expect(parts.password == "p/w")
        #expect(parts.authSource == "people")
    }

    @Test("has defaults for what is left out")
    func defaults() throws {
        let parts = try ConnectionString("mongodb://localhost")
        #expect(parts.hosts == ["localhost:27017"])
        #expect(parts.replicaSet == nil)
        #expect(parts.user == nil)
        #expect(parts.password == nil)
        #expect(parts.authSource == "admin")
    }

    @Test("never shows the password")
    func hidden() throws {
        let parts = try ConnectionString("mongodb://someone:confidential@db/?replicaSet=rs")
        var dumped = ""
        dump(parts, to: &dumped)
        for text in ["\(parts)", String(reflecting: parts), dumped] {
            #expect(text.contains("db:27017"))
            #expect(!text.contains("confidential"))
        }
    }

    @Test("is refused when it is none, or asks a name server", arguments: ["db:27017", "mongodb+srv://db.example/"])
    func malformed(text: String) {
        let error = #expect(throws: MongoError.self) { try ConnectionString(text) }
        #expect(error?.kind == .malformedURI)
    }
}

import BSON
import CMongoC

/// Room for a reply that libmongoc fills in; owns one aligned `bson_t`.
struct ReplyBlock: ~Copyable {
    private let raw: OpaquePointer

    init() throws(MongoError) {
        guard let raw = hyper_bson_reply_new() else {
            throw MongoError(.unavailable, message: "this process is out of memory")
        }
        self.raw = raw
    }

    deinit {
        hyper_bson_reply_free(raw)
    }

    /// A copy of what libmongoc wrote.
    var document: BSONDocument {
        BSONDocument(copying: raw)
    }

    /// The only way to the pointer: it cannot outlive the closure.
    borrowing func withHandle<Result, Failure: Error>(
        _ body: (OpaquePointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(raw)
    }
}

/// Only `BSONEncoder` and `BSONDecoder` know these types; any other coder gets an error instead of a guess.
extension BSONValue: Codable {
    /// Fails: `BSONDecoder` reads values without coming here.
    public init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(
            .init(codingPath: decoder.codingPath, debugDescription: "Only BSONDecoder can read a BSON value.")
        )
    }

    /// Fails: `BSONEncoder` writes values without coming here.
    public func encode(to encoder: any Encoder) throws {
        throw EncodingError.invalidValue(
            self,
            .init(codingPath: encoder.codingPath, debugDescription: "Only BSONEncoder can write a BSON value.")
        )
    }
}

extension BSONDocument: Codable {
    /// Fails: `BSONDecoder` reads documents without coming here.
    public init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(
            .init(codingPath: decoder.codingPath, debugDescription: "Only BSONDecoder can read a BSON document.")
        )
    }

    /// Fails: `BSONEncoder` writes documents without coming here.
    public func encode(to encoder: any Encoder) throws {
        throw EncodingError.invalidValue(
            self,
            .init(codingPath: encoder.codingPath, debugDescription: "Only BSONEncoder can write a BSON document.")
        )
    }
}

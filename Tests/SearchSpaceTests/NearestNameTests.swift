import SearchSpace
import Testing

@Suite("The name that was probably meant")
struct NearestNameTests {
    @Test(
        "is the nearest by letters, or the only one that begins with the word",
        arguments: [
            ("stauts", "status"), ("stat", "status"), ("STAT", "status"), ("strat", "start"), ("sta", nil),
            ("tr", nil), ("xyz", nil), ("completions", nil),
        ] as [(String, String?)]
    )
    func nearest(word: String, expected: String?) {
        #expect(nearestName(to: word, among: ["start", "status", "trials"]) == expected)
    }
}

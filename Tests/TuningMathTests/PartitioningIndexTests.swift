import Testing
import TuningMath

@Suite("Partitioning index")
struct PartitioningIndexTests {
    @Test("is where a search from the beginning finds the first, for every length and place")
    func everyPlace() {
        for count in 0...9 {
            let numbers = Array(0..<count)
            for bound in -1...count {
                let expected = numbers.firstIndex { $0 >= bound } ?? count
                #expect(numbers.partitioningIndex { $0 >= bound } == expected)
            }
        }
    }
}

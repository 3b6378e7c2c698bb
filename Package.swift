// swift-tools-version: 6.2
import PackageDescription

/// The same settings for every target of ours: strict concurrency comes with Swift 6 mode, and a warning fails the build.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let heaps = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// - Parameter data: folders that the tests read where they lie.
func tests(_ name: String, _ dependencies: [Target.Dependency], data: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: data, swiftSettings: strict)
}

let package = Package(
    name: "hyper",
    products: [
        .executable(name: "hyperserver", targets: ["hyperserver"]),
        .executable(name: "hyperworker", targets: ["hyperworker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CMongoC", pkgConfig: "libmongoc-1.0", providers: [.apt(["libmongoc-dev"])]),
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        library("BSON", ["CMongoC", collections]),
        library("MongoClient", ["BSON", "CMongoC", logging, nioPosix]),
        library("EmbeddedMongo", ["BSON", "MongoClient", logging]),
        library("TuningMath"),
        library("SearchSpace", ["TuningMath", collections]),
        library("ExperimentModel", ["SearchSpace", collections]),
        library("MetricPatterns"),
        library("ExperimentFile", ["ExperimentModel", "MetricPatterns", "SearchSpace", collections, yams]),
        library("Samplers", ["ExperimentModel", "SearchSpace", "TuningMath", collections]),
        library("EarlyTermination", ["ExperimentModel", "TuningMath"]),
        library("Coordination", ["EarlyTermination", "ExperimentModel", "Samplers", "SearchSpace", logging]),
        library("MemoryTrialStore", ["Coordination", "ExperimentModel"]),
        library(
            "MongoTrialStore",
            ["BSON", "Coordination", "ExperimentModel", "MongoClient", "SearchSpace", collections, logging]
        ),
        library("Execution", ["ExperimentModel", "MetricPatterns", "SearchSpace", collections, logging, nioPosix]),
        library(
            "Workspaces",
            [
                "CArchive", "CCrypto", "Coordination", "Execution", "ExperimentModel", logging, nioPosix, subprocess,
                systemPackage,
            ]
        ),
        library("ResultSpool", ["ExperimentModel", logging]),
        library("WorkerRuntime", ["Coordination", "Execution", "ExperimentModel", "ResultSpool", logging]),
        library("Inspection", ["Coordination", "ExperimentModel", "SearchSpace", collections]),
        library("APIContract", ["Coordination", "ExperimentModel", "Inspection", "SearchSpace", collections]),
        library("Export", ["APIContract", "ExperimentFile", "ExperimentModel", "SearchSpace", collections]),
        library("Retention", ["Coordination", "ExperimentModel", "ResultSpool"]),
        library(
            "StoreOptions",
            ["Coordination", "EmbeddedMongo", "MongoClient", "MongoTrialStore", argumentParser, logging]
        ),
        library(
            "CommandLineSupport",
            [
                "Coordination", "Diagnosis", "EmbeddedMongo", "MongoClient", "MongoTrialStore", "SearchSpace",
                "StoreOptions", argumentParser, logging,
            ]
        ),
        library(
            "Diagnosis",
            [
                "BSON", "Coordination", "EmbeddedMongo", "Execution", "ExperimentModel", "MongoClient",
                "MongoTrialStore", "ResultSpool", "SearchSpace", collections, logging,
            ]
        ),
        library(
            "TerminalView",
            [
                "CommandLineSupport", "Coordination", "Execution", "ExperimentModel", "Inspection", "SearchSpace",
                unixSignals,
            ]
        ),
        library(
            "TuningTestKit",
            ["Coordination", "ExperimentModel", "MongoClient", "SearchSpace", collections, logging]
        ),
        library(
            "Simulation",
            [
                "Coordination", "EarlyTermination", "Execution", "ExperimentModel", "MemoryTrialStore", "Samplers",
                "SearchSpace", "TuningMath", "WorkerRuntime", collections, heaps, logging,
            ]
        ),
        .executableTarget(
            name: "hyperserver",
            dependencies: [
                "APIContract", "CommandLineSupport", "Coordination", "Diagnosis", "EmbeddedMongo", "Execution",
                "ExperimentFile", "ExperimentModel", "Export", "Inspection", "Retention", "SearchSpace",
                "StoreOptions", "TerminalView", "Workspaces", argumentParser, collections, logging, subprocess,
                systemPackage, unixSignals,
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "hyperworker",
            dependencies: [
                "CommandLineSupport", "Coordination", "Execution", "ExperimentModel", "StoreOptions", "WorkerRuntime",
                "Workspaces", argumentParser, logging, unixSignals,
            ],
            swiftSettings: strict
        ),
        // The yardstick of hyperbench, in no product.
        .target(name: "CRawLoop", dependencies: ["CMongoC"]),
        // Not a product: `scripts/bench` runs it.
        .executableTarget(
            name: "hyperbench",
            dependencies: [
                "BSON", "CRawLoop", "CommandLineSupport", "Coordination", "EarlyTermination", "Execution",
                "ExperimentModel", "MongoClient", "MongoTrialStore", "Samplers", "SearchSpace", "StoreOptions",
                "TuningMath", "TuningTestKit", "WorkerRuntime", argumentParser, collections, logging,
            ],
            swiftSettings: strict
        ),
        // Not a product: `scripts/simulate` runs it.
        .executableTarget(
            name: "hypersimulate",
            dependencies: ["Simulation", argumentParser],
            swiftSettings: strict
        ),
        // What `scripts/chaos` runs, and its judge.
        library("Chaos", ["ExperimentModel", "SearchSpace", "TuningMath", collections]),
        .executableTarget(
            name: "hyperchaos",
            dependencies: [
                "Chaos", "CommandLineSupport", "Coordination", "ExperimentFile", "ExperimentModel", "StoreOptions",
                "TuningTestKit", argumentParser, logging,
            ],
            swiftSettings: strict
        ),
        tests("BSONTests", ["BSON", collections]),
        tests("MongoClientTests", ["BSON", "MongoClient", "TuningTestKit", logging]),
        tests("EmbeddedMongoTests", ["BSON", "EmbeddedMongo", "MongoClient", logging]),
        tests("TuningMathTests", ["TuningMath"], data: ["Fixtures"]),
        tests("SearchSpaceTests", ["SearchSpace", "TuningMath", collections], data: ["Fixtures"]),
        tests(
            "SamplersTests",
            ["ExperimentModel", "Samplers", "SearchSpace", "TuningMath", collections],
            data: ["Fixtures"]
        ),
        tests(
            "ExperimentFileTests",
            ["ExperimentFile", "ExperimentModel", "SearchSpace", "TuningMath", collections],
            data: ["Corpus"]
        ),
        tests("EarlyTerminationTests", ["EarlyTermination", "ExperimentModel", "TuningMath"]),
        tests("ExperimentModelTests", ["ExperimentModel", "SearchSpace", collections]),
        tests(
            "CoordinationTests",
            [
                "Coordination", "EarlyTermination", "ExperimentModel", "MemoryTrialStore", "Samplers", "SearchSpace",
                "TuningMath",
                "TuningTestKit", collections, logging,
            ]
        ),
        tests("ChaosTests", ["Chaos", "ExperimentFile", "ExperimentModel", "SearchSpace", collections]),
        tests("MemoryTrialStoreTests", ["ExperimentModel", "MemoryTrialStore", "TuningTestKit"]),
        tests(
            "MongoTrialStoreTests",
            [
                "BSON", "Coordination", "ExperimentModel", "MongoClient", "MongoTrialStore", "SearchSpace",
                "TuningTestKit", collections, logging,
            ]
        ),
        tests(
            "WorkspacesTests",
            [
                "Coordination", "Execution", "ExperimentModel", "MemoryTrialStore", "TuningTestKit", "Workspaces",
                logging,
            ]
        ),
        tests("ResultSpoolTests", ["ExperimentModel", "ResultSpool", "TuningTestKit", logging]),
        tests("TuningTestKitTests", ["TuningTestKit"]),
        tests("MetricPatternsTests", ["MetricPatterns"]),
        tests(
            "ExecutionTests",
            ["Execution", "ExperimentModel", "MetricPatterns", "SearchSpace", "TuningMath", collections, logging]
        ),
        tests(
            "WorkerRuntimeTests",
            [
                "Coordination", "Execution", "ExperimentModel", "MemoryTrialStore", "ResultSpool", "SearchSpace",
                "TuningTestKit", "WorkerRuntime", collections, logging,
            ]
        ),
        tests(
            "DiagnosisTests",
            [
                "BSON", "Coordination", "Diagnosis", "EmbeddedMongo", "Execution", "ExperimentModel", "MongoClient",
                "MongoTrialStore", "ResultSpool", "SearchSpace", "TuningTestKit", collections, logging,
            ]
        ),
        tests(
            "TerminalViewTests",
            [
                "CommandLineSupport", "Coordination", "Execution", "ExperimentModel", "Inspection", "MemoryTrialStore",
                "SearchSpace", "TerminalView", "TuningMath", "TuningTestKit",
            ]
        ),
        tests(
            "ExportTests",
            ["APIContract", "ExperimentFile", "ExperimentModel", "Export", "SearchSpace", collections]
        ),
        tests(
            "RetentionTests",
            [
                "Coordination", "ExperimentModel", "MemoryTrialStore", "ResultSpool", "Retention", "SearchSpace",
                "TuningTestKit",
            ]
        ),
        tests(
            "InspectionTests",
            [
                "APIContract", "CommandLineSupport", "Coordination", "ExperimentModel", "Inspection",
                "MemoryTrialStore",
                "SearchSpace", "TuningTestKit", collections,
            ]
        ),
        tests("SimulationTests", ["Simulation", "hypersimulate"]),
        // Runs the programs as users do; depending on them gets them built.
        tests(
            "IntegrationTests",
            [
                "BSON", "Execution", "ExperimentModel", "MongoClient", "TuningTestKit", "hyperserver", "hyperworker",
                logging,
            ],
            data: ["Snapshots"]
        ),
    ]
)

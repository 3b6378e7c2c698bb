import CommandLineSupport
import Glibc
import Testing

@testable import TerminalView

@Suite("Echo of a terminal")
struct TerminalEchoTests {
    private func flags(_ device: TerminalDevice) throws -> (shows: Bool, keepsLines: Bool) {
        var settings = termios()
        try #require(tcgetattr(device.descriptor, &settings) == 0)
        return (settings.c_lflag & tcflag_t(ECHO | ECHONL) != 0, settings.c_lflag & tcflag_t(ICANON) != 0)
    }

    @Test("is off while a frame is shown, and afterwards as it was; signals and lines go on as ever")
    func offAndOn() throws {
        var (main, other): (Int32, Int32) = (-1, -1)
        try #require(openpty(&main, &other, nil, nil, nil) == 0)
        defer {
            close(main)
            close(other)
        }
        let device = TerminalDevice(descriptor: other)
        var echo = TerminalEcho()
        echo.restore(device)
        #expect(try flags(device) == (true, true))
        for _ in 1...2 { echo.turnOff(device) }
        #expect(try flags(device) == (false, true))
        for _ in 1...2 { echo.restore(device) }
        #expect(try flags(device) == (true, true))

        // Who had it off already keeps it off.
        var settings = termios()
        try #require(tcgetattr(other, &settings) == 0)
        settings.c_lflag &= ~tcflag_t(ECHO)
        try #require(tcsetattr(other, TCSANOW, &settings) == 0)
        echo.turnOff(device)
        echo.restore(device)
        #expect(try flags(device) == (false, true))
    }
}

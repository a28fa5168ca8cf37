// SPDX-License-Identifier: BSD-3-Clause
// A board with a serial line, simulated: the shell with the accelerator inside, its line on a pseudo terminal.
//
// Says `port <name>` on stdout and runs until stdin ends. Bytes written to the terminal go to the board bit by bit, what
// the board sends comes out of it. Time runs only while something is to be done.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "verilated.h"
#include "board.h"  // generated: Top, CLOCKS_PER_BIT, release_button, is_busy

namespace {

// The host's transmitter and receiver; one call a clock cycle.
struct Line {
    std::deque<uint8_t> to_board, from_board;
    uint32_t sending = 0;  // bits still to go out, the next one lowest; 0: nothing
    int send_clocks = 0, receive_clocks = 0, receive_bits = 0;
    uint8_t received = 0;
    uint64_t framing_errors = 0;

    bool idle() const { return !sending && to_board.empty() && !receive_bits && from_board.empty(); }

    bool send() {  // level of the line to the board
        if (!sending && !to_board.empty()) {
            sending = 0x600u | (static_cast<uint32_t>(to_board.front()) << 1);  // stop bit, end mark, data, start bit
            to_board.pop_front();
            send_clocks = CLOCKS_PER_BIT;
        }
        if (!sending) return true;
        const bool level = sending & 1;
        if (--send_clocks == 0) {
            send_clocks = CLOCKS_PER_BIT;
            sending >>= 1;
            if (sending == 1) sending = 0;  // only the end mark is left
        }
        return level;
    }

    void receive(bool level) {
        if (!receive_bits) {
            if (!level) {
                receive_bits = 9;  // data and stop bit, sampled in their middles
                receive_clocks = CLOCKS_PER_BIT + CLOCKS_PER_BIT / 2;
            }
            return;
        }
        if (--receive_clocks) return;
        receive_clocks = CLOCKS_PER_BIT;
        if (--receive_bits) {
            received = static_cast<uint8_t>((received >> 1) | (level ? 0x80 : 0));
        } else if (level) {
            from_board.push_back(received);
        } else {
            ++framing_errors;
        }
    }
};

int open_terminal(int& keep) {
    const int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (master < 0 || grantpt(master) || unlockpt(master)) return -1;
    keep = open(ptsname(master), O_RDWR | O_NOCTTY);  // held open: without it, reading fails while no host is there
    termios settings{};
    if (keep < 0 || tcgetattr(keep, &settings)) return -1;
    cfmakeraw(&settings);
    if (tcsetattr(keep, TCSANOW, &settings)) return -1;
    std::printf("port %s\n", ptsname(master));
    std::fflush(stdout);
    return master;
}

}  // namespace

int main() {
    int slave = -1;
    const int terminal = open_terminal(slave);
    if (terminal < 0) {
        std::perror("pseudo terminal");
        return 1;
    }
    VerilatedContext context;
    context.randReset(2);
    Top top{&context};
    Line line;
    top.clk_i = 0;
    release_button(top);
    top.rxd_i = 1;
    uint64_t quiet = 0;  // cycles in which nothing happened
    const uint64_t start_up = 1000, pause = 20000, between_polls = 512;
    for (uint64_t cycle = 0;; ++cycle) {
        top.rxd_i = line.send();
        top.clk_i = 1;
        top.eval();
        top.clk_i = 0;
        top.eval();
        if (cycle < start_up) continue;  // the line is not defined before the reset
        line.receive(top.txd_o);
        const bool busy = is_busy(top);
        quiet = line.idle() && !busy ? quiet + 1 : 0;
        if (cycle % between_polls) continue;

        pollfd waits[2] = {{terminal, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        poll(waits, 2, quiet > pause ? 50 : 0);
        if (waits[1].revents) {
            char ignored;
            if (read(STDIN_FILENO, &ignored, 1) <= 0) break;
        }
        uint8_t bytes[4096];
        if (line.to_board.size() < sizeof bytes && (waits[0].revents & POLLIN)) {
            const ssize_t got = read(terminal, bytes, sizeof bytes);
            for (ssize_t i = 0; i < got; ++i) line.to_board.push_back(bytes[i]);
        }
        size_t ready = 0;
        for (; ready < line.from_board.size() && ready < sizeof bytes; ++ready) bytes[ready] = line.from_board[ready];
        if (ready) {
            const ssize_t put = write(terminal, bytes, ready);
            if (put > 0) line.from_board.erase(line.from_board.begin(), line.from_board.begin() + put);
        }
    }
    std::fprintf(stderr, "%llu framing errors\n", static_cast<unsigned long long>(line.framing_errors));
    return 0;
}

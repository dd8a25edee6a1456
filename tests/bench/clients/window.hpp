// SPDX-License-Identifier: MIT
// window.hpp — what the clients under measurement have in common: arguments, the window, the report.
//
// Each of them opens CONNECTIONS to 127.0.0.1:PORT, keeps DEPTH binary messages of SIZE bytes under way on
// each, answers every echo with the next message, and says how many echoes came in the window and
// how much CPU time it took itself.
// Used by: tests/bench/clients.  Depends on: POSIX.
#ifndef PLAINSONG_TESTS_BENCH_CLIENTS_WINDOW_HPP
#define PLAINSONG_TESTS_BENCH_CLIENTS_WINDOW_HPP

#include <sys/resource.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace bench {

class window {
public:
    /// PORT CONNECTIONS SIZE DEPTH SECONDS
    window(int argc, char** argv) {
        if (argc != 6) {
            std::fprintf(stderr, "usage: %s PORT CONNECTIONS SIZE DEPTH SECONDS\n", argv[0]);
            std::exit(2);
        }
        port = std::atoi(argv[1]);
        connections = std::atoi(argv[2]);
        size = static_cast<std::size_t>(std::atol(argv[3]));
        depth = std::atoi(argv[4]);
        seconds = std::atof(argv[5]);
    }

    /// An echo has come.  Looks at the clock now and then; ends the program when the window is over.
    void note() {
        ++messages_;
        if (--until_look_ == 0) {
            until_look_ = 64;
            look();
        }
    }

    [[noreturn]] static void fail(const char* what) {
        std::fprintf(stderr, "%s\n", what);
        std::exit(1);
    }

    int port;
    int connections;
    std::size_t size;
    int depth;
    double seconds;

private:
    static constexpr double warm_up = 0.4;

    static double wall() {
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
    }
    static double cpu() {
        rusage used{};
        getrusage(RUSAGE_SELF, &used);
        return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
               static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    }

    void look() {
        const double now = wall();
        if (first_ == 0) {
            first_ = now;
        } else if (begun_ == 0 && now - first_ >= warm_up) {
            begun_ = now;
            cpu_ = cpu();
            messages_ = 0;
        } else if (begun_ != 0 && now - begun_ >= seconds) {
            std::printf("{\"messages\": %llu, \"seconds\": %.6f, \"cpu\": %.6f}\n",
                        static_cast<unsigned long long>(messages_), now - begun_, cpu() - cpu_);
            std::fflush(stdout);
            std::_Exit(0);
        }
    }

    std::uint64_t messages_ = 0;
    int until_look_ = 64;
    double first_ = 0;
    double begun_ = 0;
    double cpu_ = 0;
};

}  // namespace bench

#endif  // PLAINSONG_TESTS_BENCH_CLIENTS_WINDOW_HPP

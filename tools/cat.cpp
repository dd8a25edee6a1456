// SPDX-License-Identifier: MIT
// cat.cpp — `plainsong cat`: standard input and output on a WebSocket.
//
// Does: what has to be there before there is a connection: options, files, the loop.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include <plainsong/net/loop.hpp>
#include <plainsong/net/sys.hpp>

#include "tools/cat_connection.hpp"
#include "tools/cat_options.hpp"
#include "tools/verbs.hpp"

namespace {

using namespace plainsong::tools;

using file = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

int complain(const std::string& what) {
    std::fprintf(stderr, "plainsong cat: %s\n", what.c_str());
    return cat_status::usage;
}

// Whoever started us may have closed them; no socket is to get one of their numbers.
void reserve_standard_descriptors() {
    int opened = 0;
    while (opened >= 0 && opened <= STDERR_FILENO) {
        opened = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    }
    if (opened >= 0) {
        ::close(opened);
    }
}

bool read_file(const std::string& name, std::string& out) {
    const file from(std::fopen(name.c_str(), "rb"), std::fclose);
    char piece[65536];
    while (from != nullptr) {
        const std::size_t count = std::fread(piece, 1, sizeof piece, from.get());
        out.append(piece, count);
        if (count == 0) {
            break;
        }
    }
    return from != nullptr && std::ferror(from.get()) == 0;
}

int run(const cat_options& options) {
    std::vector<recorded_message> replayed;
    if (!options.replay_file.empty()) {
        std::string text;
        std::string complaint;
        errno = 0;
        if (!read_file(options.replay_file, text)) {
            return complain(options.replay_file + ": " + std::strerror(errno));
        }
        if (!read_outgoing(text, replayed, complaint)) {
            return complain(options.replay_file + ": " + complaint);
        }
    }
    wire_report report;
    report.heads = options.verbose;
    report.frames = options.frames;
    report.clock = plainsong::sys::now;
    file record(nullptr, std::fclose);
    if (!options.record_file.empty()) {
        record.reset(std::fopen(options.record_file.c_str(), "wb"));
        if (record == nullptr) {
            return complain(options.record_file + ": " + std::strerror(errno));
        }
        std::setvbuf(record.get(), nullptr, _IOLBF,
                     1 << 16);  // whatever ends us, it is whole lines
        std::fputs(recording_title.data(), record.get());
        report.recorder = [to = record.get()](std::string_view line) {
            std::fwrite(line.data(), 1, line.size(), to);
        };
    }
    plainsong::loop loop;
    if (const plainsong::error why = loop.status()) {
        complain(facts_of(why.code()).text);
        return cat_status::abnormal;
    }
    const int status = options.is_listening
                           ? run_cat_server(loop, options, report, std::move(replayed))
                           : run_cat_client(loop, options, report, std::move(replayed));
    if (record != nullptr && (std::fflush(record.get()) != 0 || std::ferror(record.get()) != 0)) {
        complain(options.record_file + ": the recording is incomplete: " + std::strerror(errno));
        return status == cat_status::clean ? cat_status::abnormal : status;
    }
    return status;
}

}  // namespace

int cat_main(int argc, char** argv) {
    reserve_standard_descriptors();
    cat_options options;
    std::string complaint;
    const auto environment = [](const char* name) -> const char* { return std::getenv(name); };
    switch (read_cat_options(argc, argv, environment, options, complaint)) {
        case parse_result::help:
            std::fputs(cat_help, stdout);
            return cat_status::clean;
        case parse_result::wrong:
            return complain(complaint + "; `plainsong cat --help` tells more");
        case parse_result::go:
            break;
    }
    return run(options);
}

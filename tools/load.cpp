// SPDX-License-Identifier: MIT
// load.cpp — `plainsong load`: a load generator for WebSocket servers.
//
// Does: read the options, run, say what was measured and what failed, draw.
// Used by: tools/main.  Depends on: tools/load_options, tools/load_run, tools/load_report.
#include <cstdio>
#include <string>

#include "tools/load_chart.hpp"
#include "tools/load_options.hpp"
#include "tools/load_report.hpp"
#include "tools/load_run.hpp"
#include "tools/verbs.hpp"

namespace plainsong::load {
namespace {

/// Returns: false, and says why, if the file can't be written.
bool write_file(const std::string& name, const std::string& text) {
    std::FILE* file = std::fopen(name.c_str(), "w");
    bool good = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
    good = file != nullptr && std::fclose(file) == 0 && good;
    if (!good) {
        std::perror(("plainsong load: " + name).c_str());
    }
    return good;
}

/// Returns: the exit status.
int tell(const options& wanted, const outcome& made) {
    if (!made.failure.empty()) {
        std::fprintf(stderr, "plainsong load: %s\n", made.failure.c_str());
    }
    if (made.failures.count() > 0) {
        std::fprintf(stderr, "plainsong load: %s\n", made.failures.text().c_str());
    }
    if (made.unanswered > 0) {
        std::fprintf(stderr, "plainsong load: %llu messages never came back\n",
                     static_cast<unsigned long long>(made.unanswered));
    }
    if (wanted.json) {
        std::printf("%s\n", report_as_json(wanted, made).c_str());
    } else if (made.failure.empty()) {
        std::fputs(report_for_people(wanted, made).c_str(), stdout);
    }
    if (!wanted.chart.empty() && made.failure.empty() &&
        !write_file(wanted.chart, draw_chart(wanted, made))) {
        return 1;
    }
    return made.is_good() ? 0 : 1;
}

}  // namespace
}  // namespace plainsong::load

int load_main(int argc, char** argv) {
    using namespace plainsong::load;
    options wanted;
    std::string complaint;
    switch (parse_options(argc, argv, wanted, complaint)) {
        case parse_outcome::help:
            std::fputs(usage, stdout);
            return 0;
        case parse_outcome::wrong:
            std::fprintf(stderr, "plainsong load: %s\n", complaint.c_str());
            return 2;
        default:
            return tell(wanted, run(wanted));
    }
}

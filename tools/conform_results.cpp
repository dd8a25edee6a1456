// SPDX-License-Identifier: MIT
// conform_results.cpp — one result after the other, and their sum.
//
// Used by: tools/conform.  Depends on: tools/conform_results.
#include "tools/conform_results.hpp"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

namespace plainsong::conform {
namespace {

std::string text(grade one) {
    return std::string(name_of(one));
}

}  // namespace

results::results(const options& asked, const std::vector<conform_case>& all,
                 const std::vector<const conform_case*>& chosen)
    : asked_(asked),
      all_(all),
      chosen_(chosen),
      report_({asked.out, asked.serves, asked.strict}),
      moves_(::isatty(STDERR_FILENO) != 0) {}

std::string results::read_expected() {
    if (asked_.expected.empty()) {
        return "";
    }
    std::ifstream file(asked_.expected, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    if (!file) {
        return "can't read " + asked_.expected;
    }
    const std::string complaint = expected_.read(content.str());
    return complaint.empty() ? "" : asked_.expected + ": " + complaint;
}

std::string_view results::take(const std::string& agent, const conform_case& one,
                               const record& happened) {
    const verdict said = judge(one, happened);
    show(one, said);
    expected_.note(agent, one, said);
    writes_ = report_.add(agent, one, happened, said) && writes_;
    return name_of(said.behavior);
}

void results::show(const conform_case& one, const verdict& said) {
    ++done_;
    const bool passes = said.passes(asked_.strict);
    failed_ += passes ? 0 : 1;
    ++counts_[text(said.behavior)];
    clear();
    if (!passes || said.behavior == grade::non_strict) {
        std::printf("%-8s %s / %s  %s\n", one.id.c_str(), text(said.behavior).c_str(),
                    text(said.closing).c_str(), one.title.c_str());
        std::printf("         %s\n", said.why.c_str());
        if (said.why_closing != said.why) {
            std::printf("         %s\n", said.why_closing.c_str());
        }
    }
    if (moves_) {
        std::fprintf(stderr, "%zu of %zu  %s", (done_ - 1) % chosen_.size() + 1, chosen_.size(),
                     one.id.c_str());
    }
}

void results::clear() const {
    std::fflush(stdout);
    if (moves_) {
        std::fprintf(stderr, "\r\x1b[K");
    }
}

void results::sum_up() const {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin_;
    clear();
    std::printf("%zu cases in %.1f s:", done_, took.count());
    const char* parting = " ";
    for (const auto& [name, count] : counts_) {
        std::printf("%s%zu %s", parting, count, name.c_str());
        parting = ", ";
    }
    std::printf("; %zu did not pass\n", failed_);
}

int results::finish(bool ran) {
    sum_up();
    update();
    if (!ran || !writes_) {
        std::fprintf(stderr, "conform: %s\n",
                     ran ? ("can't write to " + asked_.out).c_str() : "the event loop failed");
        return 1;
    }
    if (asked_.expected.empty()) {
        // Several clients may have run the cases.
        return failed_ == 0 && done_ >= chosen_.size() ? 0 : 1;
    }
    const std::vector<std::string> differences = expected_.differences(all_, chosen_);
    for (const std::string& each : differences) {
        std::printf("differs: %s\n", each.c_str());
    }
    std::printf("%zu differ from %s\n", differences.size(), asked_.expected.c_str());
    return differences.empty() ? 0 : 1;
}

}  // namespace plainsong::conform

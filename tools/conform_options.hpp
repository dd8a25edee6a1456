// SPDX-License-Identifier: MIT
// conform_options.hpp — what `plainsong conform` is asked for.
//
// Used by: tools/conform.  Depends on: tools/conform_run.
#ifndef PLAINSONG_TOOLS_CONFORM_OPTIONS_HPP
#define PLAINSONG_TOOLS_CONFORM_OPTIONS_HPP

#include <string>
#include <vector>

#include "tools/conform_opening.hpp"
#include "tools/conform_run.hpp"

namespace plainsong::conform {

struct options {
    bool serves = false;  // the tester is the server
    destination to;
    address where;  // to listen at
    std::string agent;
    std::string out;                  // a directory; "": no report
    std::string expected;             // a file; "": to pass is what counts
    std::vector<std::string> chosen;  // patterns; none: all cases
    std::vector<std::string> excluded;
    run_options run;
    bool strict = false;
    bool list = false;
    bool once = false;  // end when the first agent is through
};

enum class parse_outcome : std::uint8_t { run, help, wrong };

/// Reads the words behind `conform`; `complaint` says what is wrong with them.
parse_outcome parse_options(int argc, char** argv, options& into, std::string& complaint);

/// Returns: those of `cases` that were asked for.  Errors: a pattern that means no case is named in
/// `complaint`.
std::vector<const conform_case*> choose(const std::vector<conform_case>& cases,
                                        const options& asked, std::string& complaint);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_OPTIONS_HPP

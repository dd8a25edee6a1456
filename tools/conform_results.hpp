// SPDX-License-Identifier: MIT
// conform_results.hpp — what becomes of the verdicts: shown, counted, written, compared.
//
// Used by: tools/conform.  Depends on: tools/conform_options, tools/conform_report.
#ifndef PLAINSONG_TOOLS_CONFORM_RESULTS_HPP
#define PLAINSONG_TOOLS_CONFORM_RESULTS_HPP

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/conform_case.hpp"
#include "tools/conform_expected.hpp"
#include "tools/conform_options.hpp"
#include "tools/conform_record.hpp"
#include "tools/conform_report.hpp"
#include "tools/conform_verdict.hpp"

namespace plainsong::conform {

class results {
public:
    /// Lifetime: what it is given outlives it.
    results(const options& asked, const std::vector<conform_case>& all,
            const std::vector<const conform_case*>& chosen);

    /// Returns: "" or why the file of --expected can't be used.
    std::string read_expected();

    /// Judges a run.  Returns: its behavior, in Autobahn's word.
    std::string_view take(const std::string& agent, const conform_case& one,
                          const record& happened);
    /// Writes what is known so far.
    void update() { writes_ = report_.finish() && writes_; }
    /// Prints the sum.  Returns: the exit status.
    int finish(bool ran);

private:
    void show(const conform_case& one, const verdict& said);
    void clear() const;
    void sum_up() const;

    const options& asked_;
    const std::vector<conform_case>& all_;
    const std::vector<const conform_case*>& chosen_;
    report report_;
    expected_verdicts expected_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    bool moves_;  // standard error is a terminal
    bool writes_ = true;
    std::size_t done_ = 0;
    std::size_t failed_ = 0;
    std::map<std::string, std::size_t> counts_;
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_RESULTS_HPP

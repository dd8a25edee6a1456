// SPDX-License-Identifier: MIT
// explain_page.hpp — what `plainsong explain` says, line by line.
//
// Does: lay out fields, their meaning, the rules they keep or break; count what is broken.
// Does not: judge, or print.
// Used by: tools/explain*.  Depends on: base/error.
#ifndef PLAINSONG_TOOLS_EXPLAIN_PAGE_HPP
#define PLAINSONG_TOOLS_EXPLAIN_PAGE_HPP

#include <cstddef>
#include <string>
#include <string_view>

#include <plainsong/base/error.hpp>

namespace plainsong::explain {

/// Returns: "RFC 6455 §5.2 [6455-5.2-04]"; "a limit of this library" for "".
std::string cited(std::string_view requirement);

/// Returns: "Close 1002", "HTTP status 400" or "": what the one who broke the rule is told.
std::string answer_to(error_code why);

class page {
public:
    /// A line, with a line end behind it.
    void line(std::string_view text = {}) {
        text_ += text;
        text_ += '\n';
    }
    /// "  FIN       1         the last frame of its message"
    void field(std::string_view name, std::string_view value, std::string_view meaning);
    /// Under a field: a rule that holds.
    void keeps(std::string_view requirement);
    /// Under a field: a rule that doesn't, as the list of errors tells it.
    void breaks(error_code why);
    void breaks(std::string_view requirement, std::string_view text);
    /// Under a field: something worth knowing.
    void note(std::string_view text);

    [[nodiscard]] const std::string& text() const { return text_; }
    /// Rules that were broken.
    [[nodiscard]] std::size_t broken() const { return broken_; }

private:
    std::string text_;
    std::size_t broken_ = 0;
};

}  // namespace plainsong::explain

#endif  // PLAINSONG_TOOLS_EXPLAIN_PAGE_HPP

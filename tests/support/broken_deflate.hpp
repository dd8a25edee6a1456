// SPDX-License-Identifier: MIT
// broken_deflate.hpp — permessage-deflate of the echo server with a defect (see broken_echo.hpp).
//
// Does: agree, compress, inflate bit by bit; all as RFC 7692 asks, but for the defect.
#ifndef PLAINSONG_TESTS_SUPPORT_BROKEN_DEFLATE_HPP
#define PLAINSONG_TESTS_SUPPORT_BROKEN_DEFLATE_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/broken_echo.hpp"
#include "tests/support/deflating.hpp"

namespace plainsong::tests {

class broken_deflate {
public:
    explicit broken_deflate(defect what) : defect_(what) {}

    /// Returns: the answer to the offers in a request's head, "" if none is taken.
    std::string agree(std::string_view head);
    [[nodiscard]] bool is_agreed() const { return agreed_; }

    std::string packed(std::string_view text);
    /// Returns: 0, or the code to close with if that can't be inflated.
    std::uint16_t unpack(std::string_view payload, std::string& text);
    /// `text` may be what later messages refer to.
    void remember(std::string_view text);

private:
    [[nodiscard]] bool has(defect one) const { return defect_ == one; }
    bool take_offer(std::string_view offer);
    bool take_parameter(std::string_view name, std::optional<std::string> value);

    defect defect_;
    bool agreed_ = false;
    bool server_forgets_ = false;
    bool client_forgets_ = false;
    std::string server_bits_;  // "": not asked for
    std::string client_bits_;
    bool client_names_bits_ = false;
    std::optional<deflating> out_;
    std::vector<std::uint8_t> before_;  // what the client has sent
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_BROKEN_DEFLATE_HPP

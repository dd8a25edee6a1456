// SPDX-License-Identifier: MIT
// conform_extension.hpp — agreeing on permessage-deflate (RFC 7692 §7.1), without the engine under
// test.
//
// Does: judge a server's answer to what was offered, strictly; answer a client's offers.
// Used by: tools/conform_opening, tools/conform_guests.  Depends on: nothing.
#ifndef PLAINSONG_TOOLS_CONFORM_EXTENSION_HPP
#define PLAINSONG_TOOLS_CONFORM_EXTENSION_HPP

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plainsong::conform {

/// What tester and peer have agreed on.
struct deflate_terms {
    static constexpr unsigned most_bits = 15;

    bool agreed = false;
    unsigned tester_bits = most_bits;  // the window of what the tester sends
    unsigned peer_bits = most_bits;
    bool tester_forgets = false;  // it takes no context over from message to message
    bool peer_forgets = false;
};

/// What a case wants to be agreed on.
struct deflate_plan {
    std::string offer;                 // by the tester as a client
    std::vector<std::string> answers;  // what it adds to a client's offers (answer_offers)
    std::string exact_answer;          // word for word, whatever a client offers
    bool must_decline = false;         // the offer is one that no server may take
    unsigned least_bits = 8;           // of the tester's window
    unsigned most_bits = deflate_terms::most_bits;
    std::optional<bool> forgets;  // whether the tester has to

    [[nodiscard]] bool is_there() const { return !offer.empty() || !answers.empty(); }
    /// Returns: whether the case can go on with what was agreed.
    [[nodiscard]] bool is_met_by(const deflate_terms& terms) const;
};

/// The tester as a client: reads the Sec-WebSocket-Extensions of a server's answer, "" if it has
/// none.
/// Returns: "" or what is wrong with it.
std::string read_answer(std::string_view offered, std::string_view answer, deflate_terms& into);

/// The tester as a server: `additions` are parameters that it adds to what an offer asks for, those
/// that it likes best first; client_max_window_bits fits only offers that have it.
/// Returns: its answer, "" if no offer will do.
std::string answer_offers(std::string_view offers, const std::vector<std::string>& additions,
                          deflate_terms& into);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_EXTENSION_HPP

// SPDX-License-Identifier: MIT
// conform_guests.hpp — the fuzzing server: clients come and ask for one case after the other.
//
// Does: listen, shake hands, serve the paths that drivers of Autobahn's fuzzing server know:
// /getCaseCount, /getCaseInfo?case=N, /getCaseStatus?case=N&agent=A, /runCase?case=N&agent=A,
// /updateReports?agent=A.
// Used by: tools/conform.  Depends on: net/listener, tools/conform_conversation.
#ifndef PLAINSONG_TOOLS_CONFORM_GUESTS_HPP
#define PLAINSONG_TOOLS_CONFORM_GUESTS_HPP

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/net/address.hpp>
#include <plainsong/net/callback.hpp>
#include <plainsong/net/listener.hpp>
#include <plainsong/net/loop.hpp>

#include "tools/conform_conversation.hpp"

namespace plainsong::conform {

/// What a client's request asks for.
struct visit {
    enum class kind : std::uint8_t { count, info, status, run, update, unknown };
    kind what = kind::unknown;
    std::size_t number = 0;  // of the case, from 1; 0: none was named
    std::string agent;       // without its escapes
};

/// Puts the right value of Sec-WebSocket-Accept, and wrong ones, where `response` names them: {ACC};
/// {acc} in lower case, {ACC^1} with a wrong octet, {ACCRAW} for the decoded key.
std::string answer_with(const std::string& key, std::string response);

/// Reads a request target.
visit read_visit(std::string_view target);

/// What the program makes of it all.
struct host_handlers {
    /// A case is over.  Returns: how it went, in Autobahn's word.
    callback<std::string(const std::string& agent, const conform_case&, record&)> on_result;
    /// An agent is through.
    callback<void(const std::string& agent)> on_update;
};

class guest_house {
public:
    /// Lifetime: the loop and the cases outlive it.
    guest_house(loop& its_loop, std::vector<const conform_case*> cases,
                const conversation_options& options, host_handlers handlers);
    ~guest_house();
    guest_house(const guest_house&) = delete;
    guest_house& operator=(const guest_house&) = delete;

    error listen(const address& where);
    [[nodiscard]] address bound() const { return door_.bound(); }

private:
    class guest;

    void welcome(stream transport);
    [[nodiscard]] std::unique_ptr<conform_case> answer_to(const visit& asked);
    void leave(guest& gone);

    loop& loop_;
    std::vector<const conform_case*> cases_;
    conversation_options options_;
    host_handlers handlers_;
    listener door_;
    std::vector<std::unique_ptr<guest>> guests_;
    std::map<std::pair<std::string, std::size_t>, std::string> status_;  // by agent and case
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_GUESTS_HPP

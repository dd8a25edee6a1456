// SPDX-License-Identifier: MIT
// conform_opening.hpp — connects to a server and shakes hands, without the engine under test.
//
// Used by: tools/conform_run.  Depends on: net/connector, http/writer, codec/sha1, codec/base64.
#ifndef PLAINSONG_TOOLS_CONFORM_OPENING_HPP
#define PLAINSONG_TOOLS_CONFORM_OPENING_HPP

#include <string>
#include <string_view>
#include <vector>

#include <plainsong/base/clock.hpp>
#include <plainsong/net/address.hpp>
#include <plainsong/net/callback.hpp>
#include <plainsong/net/connector.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/stream.hpp>

#include "tools/conform_extension.hpp"
#include "tools/conform_outgoing.hpp"

namespace plainsong::conform {

/// Whom to talk to.
struct destination {
    std::vector<address> where;
    std::string host;  // with its port, as the request says it
    std::string target;
};

/// What is asked of a server.
struct asking {
    std::string offer;      // of extensions; "": none
    std::string request;    // octets, if they are what is tested; "": a plain request
    bool declines = false;  // the server may take no extension, whatever the request offers
    split how;              // that request is cut
};

struct opening_outcome {
    std::string obstacle;  // "" if the connection is open
    std::string answer;    // to a request that is tested: a status, "end", "silence", "garbage"
    std::string lacks;     // what that answer should have had
    std::string request;
    std::string response;
    std::string early;  // octets behind the response
    deflate_terms terms;
    stream transport;
};

/// Returns: the values of the field with that lower-case name in a head, parted by commas; `there` is told
/// whether it is there at all.
std::string field_of(std::string_view head, std::string_view name, bool* there = nullptr);

/// Returns: a request to `h.example` and `/chat`, made to someone else.
std::string request_to(const destination& to, std::string request);

/// Returns: what Sec-WebSocket-Accept must be for `key`.
std::string accept_for(std::string_view key);

/// Returns: "" if a response, whose head ends with its empty line, accepts a request that had `key`
/// and no subprotocols, and that offered those extensions; else what is wrong with it.
std::string fault_of_response(std::string_view head, std::string_view key, std::string_view offered,
                              deflate_terms& terms);

class opening final : private loop_member {
public:
    /// Lifetime: the loop outlives it.
    explicit opening(loop& its_loop) : loop_(its_loop), connector_(its_loop) {}
    ~opening();
    opening(const opening&) = delete;
    opening& operator=(const opening&) = delete;

    /// `done` is called once, perhaps at once; it may not destroy the opening.
    void start(const destination& to, const asking& what, duration within,
               callback<void(opening_outcome)> done);

private:
    void on_ready(readiness what) override;
    void on_due() override { finish_without("silence", "no answer came in time"); }
    void write_request(const destination& to);
    void take_head();
    void finish_without(std::string_view answer, std::string obstacle);

    void connected(connect_outcome outcome);
    void send();
    void receive();
    void finish(std::string obstacle);

    loop& loop_;
    connector connector_;
    callback<void(opening_outcome)> done_;
    opening_outcome out_;
    std::string key_;
    asking asked_;
    outgoing out_going_{{}};
    watch_token token_;
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_OPENING_HPP

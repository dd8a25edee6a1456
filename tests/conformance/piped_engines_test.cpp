// SPDX-License-Identifier: MIT
// piped_engines_test.cpp — a server's engine and a client's, joined by two pipes in memory that pass
// on as many octets at a time as they please.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <plainsong/ws/connection.hpp>

#include "tests/support/endpoint.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

/// One end: an engine whose output is held until the pipe takes it.
class party {
public:
    explicit party(role self) : end(self, {}, 1 << 16) { end.hold_output(); }

    /// Writes up to `most` octets; the FIN follows the last of them.
    void write(std::size_t most) {
        const byte_view waiting = end.engine.output();
        const std::size_t size = std::min(most, waiting.size());
        if (size != 0) {
            append(in_flight, waiting.first(size));
            append(end.sent, waiting.first(size));
            end.engine.output_sent(size, end.clock.now());
        }
        if (end.engine.wants_shutdown() || end.engine.finished()) {
            ended_ = end.engine.output().empty() || end.engine.finished();
        }
    }
    /// The other end reads up to `most` of what is on its way.
    void arrive(party& other, std::size_t most) {
        const std::size_t size = std::min(most, in_flight.size());
        if (size != 0) {
            other.end.feed(byte_view{in_flight}.first(size));
            in_flight.erase(in_flight.begin(),
                            in_flight.begin() + static_cast<std::ptrdiff_t>(size));
        }
        if (ended_ && in_flight.empty() && !told_) {
            told_ = true;
            other.end.end();
        }
    }
    [[nodiscard]] bool has_ended() const { return end.engine.finished(); }

    endpoint end;
    octets in_flight;                   // from this end to the other
    std::vector<std::string> messages;  // sent, in the form of the log

private:
    bool ended_ = false;
    bool told_ = false;
};

/// A message in one piece or several, pings and pongs between them.
class speaker {
public:
    speaker(party& one, std::mt19937& random) : one_(one), random_(random) {}

    void act() {
        const unsigned what = draw(10);
        if (what == 0) {
            (void)one_.end.ping(octets(draw(126), static_cast<std::uint8_t>(draw(256))));
        } else if (what == 1) {
            (void)one_.end.pong(octets(draw(126), static_cast<std::uint8_t>(draw(256))));
        } else if (rest_.empty()) {
            begin();
        } else {
            go_on();
        }
    }
    [[nodiscard]] bool is_between_messages() const { return rest_.empty(); }

private:
    unsigned draw(unsigned below) { return static_cast<unsigned>(random_() % below); }

    void begin() {
        static constexpr unsigned sizes[] = {0, 1, 5, 125, 126, 127, 1000, 9000};
        const bool is_text = draw(2) != 0;
        octets payload(sizes[draw(8)]);
        for (std::uint8_t& octet : payload) {
            octet = static_cast<std::uint8_t>(is_text ? 'a' + draw(26) : draw(256));
        }
        const bool whole = draw(3) != 0;
        const std::size_t size = whole ? payload.size() : payload.size() / 3;
        if (one_.end.send(is_text ? opcode::text : opcode::binary, byte_view{payload}.first(size),
                          whole)) {
            return;  // no room: nothing was begun
        }
        one_.messages.push_back((is_text ? "text " : "binary ") + shown(payload));
        if (!whole) {
            rest_.assign(payload.begin() + static_cast<std::ptrdiff_t>(size), payload.end());
            rest_.push_back(0);  // stands for the frame that ends the message
        }
    }
    void go_on() {
        const bool last = draw(2) != 0;
        const std::size_t left = rest_.size() - 1;
        const std::size_t size = last ? left : draw(static_cast<unsigned>(left) + 1);
        if (!one_.end.send(opcode::continuation, byte_view{rest_}.first(size), last)) {
            rest_.erase(rest_.begin(),
                        rest_.begin() + static_cast<std::ptrdiff_t>(last ? rest_.size() : size));
        }
    }

    party& one_;
    std::mt19937& random_;
    octets rest_;
};

std::vector<std::string> only(const std::vector<std::string>& log, const std::string& first,
                              const std::string& second) {
    std::vector<std::string> some;
    std::copy_if(log.begin(), log.end(), std::back_inserter(some), [&](const std::string& line) {
        return line.starts_with(first) || line.starts_with(second);
    });
    return some;
}

enum class closer { server, client, both };

/// How much a pipe passes on at a time.
std::size_t portion(std::mt19937& random) {
    static constexpr std::size_t most[] = {1, 2, 7, 64, 1000, 100'000};
    return 1 + random() % most[random() % 6];
}

struct pair {
    explicit pair(unsigned seed) : random(seed) {
        if (seed % 3 == 0) {
            server.end.be_restless();
            client.end.be_restless();
        }
    }
    void turn() {
        party* const one = random() % 2 != 0 ? &server : &client;
        party* const other = one == &server ? &client : &server;
        if (random() % 2 != 0) {
            one->write(portion(random));
        } else {
            one->arrive(*other, portion(random));
        }
    }
    std::mt19937 random;
    party server{role::server};
    party client{role::client};
};

void talk_and_close(unsigned seed, closer who) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    pair both{seed};
    speaker server{both.server, both.random};
    speaker client{both.client, both.random};
    for (int i = 0; i < 300; ++i) {
        if (both.random() % 4 == 0) {
            (both.random() % 2 != 0 ? server : client).act();
        }
        both.turn();
    }
    for (int i = 0; !server.is_between_messages() || !client.is_between_messages(); ++i) {
        ASSERT_LT(i, 100'000);
        if (!server.is_between_messages()) {
            server.act();
        }
        if (!client.is_between_messages()) {
            client.act();
        }
        both.turn();
    }
    if (who != closer::client) {
        EXPECT_FALSE(both.server.end.close(1001, "server"));
    }
    if (who != closer::server) {
        EXPECT_FALSE(both.client.end.close(4000, "client"));
    }
    for (int i = 0; !both.server.has_ended() || !both.client.has_ended(); ++i) {
        ASSERT_LT(i, 1'000'000);
        both.turn();
    }
    for (const auto& [sender, receiver] :
         {std::pair{&both.server, &both.client}, std::pair{&both.client, &both.server}}) {
        const auto got = only(receiver->end.log, "text", "binary");
        // What was on its way when its receiver had the Close already is lost, and nothing else:
        // the sender's Close came behind all its messages.
        const bool sender_closed =
            sender == &both.server ? who != closer::client : who != closer::server;
        if (sender_closed) {
            EXPECT_EQ(got, sender->messages);
        } else {
            ASSERT_LE(got.size(), sender->messages.size());
            EXPECT_TRUE(std::equal(got.begin(), got.end(), sender->messages.begin()));
        }
        EXPECT_EQ(only(receiver->end.log, "closed", "closed").size(), 1U);
        EXPECT_EQ(receiver->end.faults, std::vector<std::string>{});
        const close_info how = receiver->end.engine.outcome();
        EXPECT_TRUE(how.clean);
        EXPECT_FALSE(how.cause);
    }
    const close_info server_end = both.server.end.engine.outcome();
    const close_info client_end = both.client.end.engine.outcome();
    EXPECT_EQ(server_end.code, who == closer::server ? 1001 : 4000);
    EXPECT_EQ(client_end.code, who == closer::client ? 4000 : 1001);
    EXPECT_EQ(server_end.reason, who == closer::server ? "" : "client");
    EXPECT_EQ(client_end.reason, who == closer::client ? "" : "server");
    EXPECT_EQ(server_end.who,
              who == closer::client ? close_initiator::peer : close_initiator::local);
    EXPECT_EQ(client_end.who,
              who == closer::server ? close_initiator::peer : close_initiator::local);
}

TEST(PipedEngines, DeliverEachMessageOnceInOrderAndEndCleanly) {
    proves({"6455-5.4-01", "6455-5.4-08", "6455-5.5.1-11", "6455-6.1-10", "6455-6.2-01",
            "6455-6.2-04", "6455-7.1.2-02", "6455-7.1.4-02"});
    for (unsigned seed = 1; seed <= 150; ++seed) {
        talk_and_close(seed, closer::server);
        talk_and_close(seed, closer::client);
    }
}

TEST(PipedEngines, EndCleanlyWithTheCodeOfTheOtherWhenTheirClosesCross) {
    proves({"6455-5.5.1-15", "6455-7.1.4-02", "6455-7.1.5-01", "6455-7.1.5-04", "6455-7.1.6-01"});
    for (unsigned seed = 1; seed <= 150; ++seed) {
        talk_and_close(seed, closer::both);
    }
}

TEST(PipedEngines, LetTheServerEndTheStreamFirst) {
    proves({"6455-5.5.1-12", "6455-5.5.1-13", "6455-7.1.1-04", "6455-7.1.1-07"});
    for (const closer who : {closer::server, closer::client, closer::both}) {
        pair both{1};
        if (who != closer::client) {
            ASSERT_FALSE(both.server.end.close(1000));
        }
        if (who != closer::server) {
            ASSERT_FALSE(both.client.end.close(1000));
        }
        while (!both.client.has_ended()) {
            EXPECT_FALSE(both.server.has_ended());
            EXPECT_FALSE(both.client.end.engine.wants_shutdown());
            both.turn();
        }
        EXPECT_TRUE(both.server.end.engine.wants_shutdown());
    }
}

TEST(PipedEngines, ReportOneEndEachHoweverEarlyThePipeBreaks) {
    proves({"6455-7.1.4-02", "6455-7.1.5-03", "6455-7.2.1-02"});
    for (unsigned seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        pair both{seed};
        speaker server{both.server, both.random};
        speaker client{both.client, both.random};
        const auto breaks_at = static_cast<unsigned>(both.random() % 200);
        for (unsigned i = 0; i < breaks_at; ++i) {
            if (i % 3 == 0) {
                (both.random() % 2 != 0 ? server : client).act();
            }
            if (both.random() % 50 == 0) {
                (void)(both.random() % 2 != 0 ? both.server : both.client).end.close(1000);
            }
            both.turn();
        }
        for (party* one : {&both.server, &both.client}) {
            const bool was_over = one->has_ended();
            one->end.lose(error_code::connection_reset);
            one->end.end();
            EXPECT_TRUE(one->has_ended());
            EXPECT_EQ(only(one->end.log, "closed", "closed").size(), 1U);
            EXPECT_EQ(one->end.faults, std::vector<std::string>{});
            const close_info how = one->end.engine.outcome();
            EXPECT_EQ(how.code == close_code::abnormal,
                      only(one->end.log, "closed 1006", "closed 1006").size() == 1);
            if (!was_over && !how.clean) {
                EXPECT_EQ(how.cause.code, error_code::connection_reset);
            }
        }
        const auto got = only(both.client.end.log, "text", "binary");
        ASSERT_LE(got.size(), both.server.messages.size());
        EXPECT_TRUE(std::equal(got.begin(), got.end(), both.server.messages.begin()));
    }
}

}  // namespace
}  // namespace plainsong::tests

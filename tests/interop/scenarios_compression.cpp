// SPDX-License-Identifier: MIT
// scenarios_compression.cpp — messages under permessage-deflate; see scenarios.hpp.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/interop/scenarios.hpp"
#include "tests/support/sample_texts.hpp"
#include "tests/support/visit.hpp"

namespace ws = plainsong;
using ws::tests::expect;
using ws::tests::expect_equal;
using ws::tests::visit;

namespace interop {

namespace {

using received = visit::received;
using terms = ws::deflate_parameters;

constexpr std::size_t longest = 1 << 20;
constexpr int messages_each = 1000;

// ---- messages -----------------------------------------------------------------------------------

/// Gives messages of each kind, of 0 to 64 KiB, the longer the fewer, one of 1 MiB; the same ones for the
/// same seed.
class message_source {
public:
    explicit message_source(std::uint32_t seed) : seed_(seed), random_(seed) {}

    received next() {
        static const std::vector<std::string> stretches = all_stretches();
        const std::size_t kind = (count_ + seed_) % stretches.size();
        const double doubled = std::min(up_to(16.0), up_to(16.0));
        const std::size_t size =
            ++count_ == messages_each / 2
                ? longest
                : static_cast<std::size_t>(std::lround(std::exp2(doubled))) - 1;
        const auto from = static_cast<std::size_t>(up_to(longest));
        const bool is_text = kind < texts;
        return {is_text, is_text ? cut_between_characters(stretches[kind], from, size)
                                 : stretches[kind].substr(from, size)};
    }

private:
    static constexpr std::size_t texts = 3;  // the first ones of all_stretches

    static std::vector<std::string> all_stretches() {
        ws::tests::sample_texts samples(1);
        std::string psalm;
        while (psalm.size() < 2 * longest) {
            static constexpr const char* words[] = {"Kyrie ",   "eléison", " – ", "𝄞",   "聖",
                                                    "ελέησον ", "pax",     "in ", "Deo", "\n"};
            psalm += words[samples.up_to(std::size(words) - 1)];
        }
        std::vector<std::string> all{psalm};
        for (const char* kind : {"chat", "log", "binary", "noise"}) {
            const std::vector<std::uint8_t> made = samples.make(kind, 2 * longest);
            all.emplace_back(made.begin(), made.end());
        }
        return all;
    }
    static std::string cut_between_characters(std::string_view text, std::size_t from,
                                              std::size_t size) {
        const auto begins = [text](std::size_t at) { return (text[at] & 0xc0) != 0x80; };
        std::size_t to = from + size;
        for (; !begins(from) && from < to; ++from) {
        }
        for (; !begins(to) && to > from; --to) {
        }
        return std::string(text.substr(from, to - from));
    }
    double up_to(double most) { return most * static_cast<double>(random_()) / 0x1p32; }

    std::uint32_t seed_;
    std::mt19937 random_;
    std::size_t count_ = 0;
};

/// Every 5th message goes in three fragments, every 7th uncompressed.
void send(visit& guest, const received& m, int i) {
    const ws::opcode type = m.is_text ? ws::opcode::text : ws::opcode::binary;
    if (i % 5 == 0) {
        const std::string_view whole = m.payload;
        const std::size_t third = whole.size() / 3;
        guest.send_parts(
            type, {whole.substr(0, third), whole.substr(third, third), whole.substr(2 * third)});
    } else {
        guest.send(m, i % 7 != 0);
    }
}

// ---- the scenario -------------------------------------------------------------------------------

std::string words_of(const terms& all) {
    const auto word = [](bool forgets) { return forgets ? "-forget" : "-keep"; };
    return std::to_string(all.server_max_window_bits) + '-' +
           std::to_string(all.client_max_window_bits) + word(all.server_no_context_takeover) +
           word(all.client_no_context_takeover);
}

void shrank(std::uint64_t to, std::uint64_t from, const char* what) {
    const double share = static_cast<double>(to) / static_cast<double>(from);
    expect(share > 0 && share < 0.9, "a share of " + std::to_string(share) + ' ' + what);
}

void echoes_compressed(const terms& agreed, bool server_asks, std::uint32_t seed) {
    visit guest(usual());
    guest.compression = ws::permessage_deflate();
    guest.compression.parameters = server_asks ? terms{} : agreed;
    guest.compression.least_bytes = 64;
    guest.open(at("/deflate/" + words_of(server_asks ? agreed : terms{})));
    expect(guest.connection().compresses(), "nothing was agreed on");
    expect_equal(words_of(guest.connection().deflate_terms()), words_of(agreed), "our terms");
    expect_equal(guest.hear(), words_of(agreed), "the server's terms");
    message_source messages(seed);
    std::uint64_t size = 0;
    for (int i = 0; i < messages_each; ++i) {
        const received m = messages.next();
        size += m.payload.size();
        send(guest, m, i);
    }
    message_source again(seed);
    for (int i = 0; i < messages_each; ++i) {
        const received m = again.next();
        const received echo = guest.receive();
        expect(echo.is_text == m.is_text, "text and binary were confused");
        expect_equal(echo.payload, m.payload, "echo");
    }
    guest.leave();
    const ws::metrics_snapshot seen = guest.counts();
    shrank(seen.bytes_sent, size, "sent");
    shrank(seen.bytes_received, size, "received");
    shrank(seen.deflate_bytes_out, size, "deflated");
    shrank(seen.inflate_bytes_in, size, "inflated");
}

/// What is agreed on; no two neighbours are alike in a direction.
std::vector<terms> all_terms() {
    std::vector<terms> all;
    for (const bool forgets : {false, true}) {
        // zlib writes no window of 8 bits, but reads it.
        for (unsigned bits = given.takes_8_bits ? 8 : 9; bits <= 15; ++bits) {
            all.push_back(
                {.server_no_context_takeover = forgets,
                 .client_no_context_takeover = forgets,
                 .server_max_window_bits = static_cast<std::uint8_t>(bits == 8 ? 15 : 24 - bits),
                 .client_max_window_bits = static_cast<std::uint8_t>(bits)});
        }
        all.push_back(
            {.server_no_context_takeover = forgets, .client_no_context_takeover = !forgets});
    }
    return all;
}

}  // namespace

std::vector<check> checks_of_compression() {
    std::vector<check> all;
    for (const terms& each : all_terms()) {
        const auto seed = static_cast<std::uint32_t>(all.size());
        const bool server_asks = given.asks && seed % 2 == 1;
        const auto told = [](std::uint8_t bits, bool forgets) {
            return std::to_string(bits) + " bits, " + (forgets ? "anew each" : "on and on");
        };
        all.push_back({std::string("compresses as the ") + (server_asks ? "server" : "client") +
                           " asks: server " +
                           told(each.server_max_window_bits, each.server_no_context_takeover) +
                           "; client " +
                           told(each.client_max_window_bits, each.client_no_context_takeover),
                       [=] { echoes_compressed(each, server_asks, seed); }});
    }
    return all;
}

}  // namespace interop

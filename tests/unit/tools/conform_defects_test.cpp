// SPDX-License-Identifier: MIT
// conform_defects_test.cpp — the conformance tool can fail: an echo server with one defect at a time.
//
// Tester and server share a loop whose clock is a count of its turns, and talk over a Unix socket: so a
// run takes milliseconds and has the same outcome each time.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/net/loop.hpp>

#include "tests/support/broken_echo.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/ticker.hpp"
#include "tools/conform_case_file.hpp"
#include "tools/conform_run.hpp"
#include "tools/conform_verdict.hpp"

namespace plainsong::conform {
namespace {

using tests::defect;

tests::fake_clock the_clock;

/// All that doesn't take long, and some of the rest.
std::vector<const conform_case*> light(const std::vector<conform_case>& cases) {
    const std::set<std::string> heavy = {"9.1.1", "9.1.3", "9.2.1", "9.3.6",
                                         "9.6.6", "9.7.2", "9.8.2"};
    std::vector<const conform_case*> out;
    for (const conform_case& each : cases) {
        if (each.tests != testee::client &&
            (each.weight() != case_weight::heavy || heavy.contains(each.id))) {
            out.push_back(&each);
        }
    }
    return out;
}

/// Of a thousand messages that are compressed, two have to do.
void lessen_messages(std::vector<conform_case>& cases) {
    for (conform_case& each : cases) {
        if (each.weight() == case_weight::bulk && !each.apart) {
            each.steps.at(0).times = each.accepted.at(0).at(0).times = 2;
        }
    }
}

/// What a case only mentions is found, too.
bool is_found(const conform_case& one, const verdict& said) {
    return !said.passes(true) || (!one.mentioned.empty() && said.behavior == grade::informational);
}

/// Returns: the cases that find something wrong with a server with that defect.
std::set<std::string> found(defect what, const std::vector<const conform_case*>& cases,
                            std::size_t jobs) {
    std::set<std::string> failed;
    loop its_loop({.clock = [] { return the_clock.now(); }});
    const std::string path = "/tmp/conform-defects-" + std::to_string(::getpid());
    destination to{{*address::unix_path(path)}, "host", "/"};
    const tests::broken_echo server(its_loop, to.where[0], what);
    tests::ticker time(its_loop, the_clock, std::chrono::milliseconds(2));
    time.tick();
    server_run all(its_loop, to, {.jobs = jobs, .talk = {}}, cases,
                   [&](const conform_case& one, record& run) {
                       if (is_found(one, judge(one, run))) {
                           failed.insert(one.id);
                       }
                   });
    EXPECT_TRUE(all.run());
    time.stop();
    EXPECT_FALSE(its_loop.turn(duration::zero()));
    return failed;
}

const std::vector<std::string> silence = {"silence"};

/// Whether the request is one that a server has to take, but for a limit or a page that isn't there.
bool must_open(const conform_case& one) {
    return one.is_of_opening() && !one.accepted.empty() && one.tolerated.empty() &&
           (one.number[2] < 68 || one.number[2] == 217);
}

/// `words`: patterns; @all, @plain and @deflate (that offer no compression, or do), @clean
/// (that end with a complete handshake), @peer (that the peer closes), @good and @partial (of requests); with
/// `!` in front: all but these, which come last.
std::set<std::string> meant(std::string_view words, const std::vector<const conform_case*>& cases) {
    std::set<std::string> out;
    while (!words.empty()) {
        std::string_view word = words.substr(0, words.find(' '));
        words.remove_prefix(std::min(word.size() + 1, words.size()));
        const bool removes = word.starts_with('!');
        word.remove_prefix(removes ? 1 : 0);
        for (const conform_case* const one : cases) {
            const bool plain = one->compression.offer.empty();
            const bool is =
                word == "@all" || (word == "@plain" && plain) || (word == "@deflate" && !plain) ||
                (word == "@clean" && one->cleanly) || (word == "@peer" && !one->closed_by_tester) ||
                (word == "@good" && must_open(*one)) ||
                (word == "@partial" && one->answers == silence) || matches_pattern(word, one->id);
            if (is && removes) {
                out.erase(one->id);
            } else if (is) {
                out.insert(one->id);
            }
        }
    }
    return out;
}

const std::set<std::string> nothing;

std::set<std::string> without(std::set<std::string> those, const std::set<std::string>& others) {
    std::erase_if(those, [&others](const std::string& each) { return others.contains(each); });
    return those;
}

/// The limits of that server are low, so that less does.
void lessen_floods(std::vector<conform_case>& cases) {
    for (conform_case& each : cases) {
        for (step& one : each.steps) {
            one.times = one.what == step_kind::flood ? one.times / 10 : one.times;
        }
    }
}

struct expectation {
    defect what;
    const char* name;
    const char* fails;
    const char* among = "@plain !H.* !L.* !M.*";  // the first two take longer
    std::size_t jobs = 100;
};

/// Of the cases about compression those that don't take long.
constexpr const char* every_compressed_echo =
    "12.* 13.* W.1.* W.2.* W.3.* W.4.* W.6.1 W.7.* W.8.* W.13.*";
constexpr const char* some_deflate = "W.* 12.1.4 12.2.13 13.*.4";

#define DEFECT(name, ...) \
    { defect::name, #name, __VA_ARGS__ }
constexpr expectation expectations[] = {
    DEFECT(none, ""),
    DEFECT(reads_lengths_modulo_65536, "1.1.7 1.1.8 1.2.7 1.2.8 9.1.* 9.2.1 9.3.6 9.6.6 C.5.6"),
    DEFECT(takes_any_utf8, "@peer !2.5 !3.* !4.* !5.* !C.* !S.4.*"),
    DEFECT(judges_utf8_at_the_end_of_a_frame, "6.4.3 6.4.4 S.1.* S.2.* S.3.* !S.3.1"),
    DEFECT(judges_utf8_at_the_end_of_a_message, "6.4.* S.1.* S.2.* S.3.*"),
    DEFECT(takes_surrogates, "6.3.* 6.4.* 6.13.2 6.20.* 6.21.* S.1.* S.2.* S.3.*"),
    DEFECT(refuses_noncharacters, "6.9.3 6.9.4 6.11.4 6.22.* 6.23.6 6.23.7"),
    DEFECT(ignores_rsv1, "3.4 S.4.1"),
    DEFECT(ignores_rsv2, "3.2"),
    DEFECT(ignores_rsv3, "3.1 C.1.1 C.1.2 C.1.3 C.4.9 C.5.8 C.6.1"),
    DEFECT(ignores_all_of_rsv, "3.* C.1.1 C.1.2 C.1.3 C.4.9 C.5.8 C.6.1 S.4.1"),
    DEFECT(takes_reserved_data_opcodes, "4.1.* S.4.2"),
    DEFECT(takes_reserved_control_opcodes, "4.2.*"),
    DEFECT(takes_fragmented_control_frames, "5.1"),
    DEFECT(takes_long_control_frames, "2.5 7.3.6 S.4.3"),
    DEFECT(takes_continuations_of_nothing, "5.9 5.10 5.11 5.17 S.4.5"),
    DEFECT(takes_messages_inside_messages, "5.18"),
    DEFECT(drops_a_fragment,
           "5.3 5.4 5.5 5.6 5.7 5.8 5.15 5.19 5.20 6.1.3 6.2.2 6.2.3 6.2.4 9.3.6 10.1.1"),
    DEFECT(forgets_empty_messages, "1.1.1 1.2.1 6.1.1 6.1.2"),
    DEFECT(unmasks_wrongly_from_65536, "9.1.3 9.6.6"),
    DEFECT(unmasks_each_piece_from_the_start,
           "1.1.8 1.2.8 2.6 2.11 3.4 4.1.5 4.2.5 5.5 5.8 9.1.3 9.3.6 9.6.6 C.3.5 C.3.6 C.3.7"),
    DEFECT(echoes_text_as_binary,
           "@clean 3.2 3.3 3.4 4.1.3 4.1.4 4.1.5 4.2.3 4.2.4 4.2.5 5.15 !1.2.* !2.* !7.1.2 !7.1.3 "
           "!7.1.4 !7.1.5 !7.1.6 !7.3.* !7.7.* !9.2.1 !9.6.6 !9.8.2 !C.* C.4.6"),
    DEFECT(echoes_binary_as_text, "1.2.* 9.2.1 9.6.6 9.8.2"),
    DEFECT(echoes_twice,
           "@clean 3.2 3.3 3.4 4.1.3 4.1.4 4.1.5 4.2.3 4.2.4 4.2.5 5.15 !2.* !7.1.2 !7.1.3 !7.1.4 "
           "!7.1.5 !7.1.6 !7.3.* !7.7.* !C.* C.4.6"),
    DEFECT(answers_no_ping, "2.1 2.2 2.3 2.4 2.6 2.9 2.10 2.11 5.6 5.7 5.8 5.19 5.20 S.3.5"),
    DEFECT(answers_pings_with_nothing, "2.2 2.3 2.4 2.6 2.9 2.10 2.11 5.6 5.7 5.8 5.19 5.20 S.3.5"),
    DEFECT(answers_only_the_last_ping, "2.10 5.6 5.19 S.3.5"),
    DEFECT(answers_pings_after_the_message, "5.6 5.7 5.8 5.19 5.20 S.3.5"),
    DEFECT(answers_pongs, "2.7 2.8 2.9"),
    DEFECT(fragments_pongs, "2.1 2.2 2.3 2.4 2.6 2.9 2.10 2.11 5.6 5.7 5.8 5.19 5.20 S.3.5"),
    DEFECT(masks_its_frames, "@all !C.4.* !C.5.* C.4.6 C.4.7 C.4.8 C.4.9 C.5.8"),
    DEFECT(sets_rsv, "@all !C.4.* !C.5.* C.4.6 C.4.7 C.4.8 C.4.9 C.5.8"),
    DEFECT(
        writes_long_lengths,
        "@clean 3.2 3.3 3.4 4.1.3 4.1.4 4.1.5 4.2.3 4.2.4 4.2.5 5.15 !1.1.7 !1.1.8 !1.2.7 !1.2.8 "
        "!2.* !7.1.2 !7.1.3 !7.1.4 !7.1.5 !7.3.* !7.7.* !9.1.* !9.2.1 !9.3.6 !9.6.6 !10.1.1 !C.* "
        "C.4.6"),
    DEFECT(answers_no_close, "@clean !7.1.6"),
    DEFECT(answers_a_close_with_1005, "@clean"),
    DEFECT(answers_a_close_with_1001, "@clean !7.1.6 !7.7.2 !C.1.4"),
    DEFECT(answers_a_close_twice, "@clean"),
    DEFECT(takes_any_close_code, "7.9.* 7.13.*"),
    DEFECT(takes_half_a_close_code, "7.3.2"),
    DEFECT(takes_any_close_reason, "7.5.1"),
    DEFECT(refuses_private_close_codes, "7.7.12 7.7.13"),
    DEFECT(goes_on_after_the_close,
           "7.1.2 7.1.3 7.1.4 7.1.5 7.1.6 C.1.4 C.1.5 C.2.* !C.2.8 C.3.1 C.3.2 C.3.3 C.3.4"),
    DEFECT(fails_with_1000, "@peer 7.3.2 7.3.6 7.5.1 7.9.* C.1.1 C.1.2 C.1.3"),
    // Nothing but the code would be missing, and a code is never asked for.
    DEFECT(fails_without_a_close, ""),
    DEFECT(keeps_the_connection, "@all !7.1.6 !7.13.* !C.4.* !C.5.* !C.6.1 C.4.8"),
    DEFECT(takes_only_64_frames, "9.3.6"),
    DEFECT(takes_only_1_MiB, "9.1.3 9.3.6 9.6.6 C.5.6"),
    DEFECT(judges_heads_at_the_end_of_a_frame, "S.4.*"),
    DEFECT(goes_on_after_failing, "C.1.1 C.1.2 C.4.9 C.5.8 C.6.1", "C.*"),
    DEFECT(judges_an_unfinished_text_at_the_close, "C.3.2"),
    DEFECT(keeps_half_closed_connections, "C.4.1 C.4.2 C.4.3 C.4.4 C.4.5 C.4.6"),
    DEFECT(forgets_its_answers_at_the_end, "C.4.7", "C.*"),
    DEFECT(leaves_octets_unread_at_the_end, "C.1.5 C.2.1 C.2.2 C.3.3", "C.* !C.5.6"),
    DEFECT(none, "", "L.*"),
    DEFECT(drops_a_fragment, "L.1.1 L.5.3", "L.1.1 L.5.*"),
    DEFECT(unmasks_each_piece_from_the_start, "L.5.1 L.5.2", "L.5.*"),
    DEFECT(takes_long_control_frames, "L.3.*", "L.2.* L.3.*"),
    DEFECT(answers_pongs, "L.4.2", "L.4.2"),
    DEFECT(forgets_empty_messages, "L.4.3", "L.4.3"),
    DEFECT(keeps_the_connection, "L.4.5", "L.4.5"),
    DEFECT(takes_any_number_of_fragments, "L.1.3", "L.1.2 L.1.3"),
    DEFECT(takes_any_length, "L.1.4 L.2.4 L.2.5 L.2.6 L.2.7 L.2.8 L.2.9", "L.1.4 L.2.*"),
    DEFECT(ignores_the_highest_bit_of_a_length, "L.2.1 L.2.2", "L.1.1 L.2.*"),
    DEFECT(fails_with_1000, "L.2.* L.3.*", "L.2.* L.3.*"),
    DEFECT(keeps_all_answers, "L.4.1 L.4.4", "L.4.1 L.4.4"),
    DEFECT(drops_answers_that_nobody_fetches, "L.4.1 L.4.4", "L.4.1 L.4.4"),
    DEFECT(ends_a_message_at_an_empty_fragment, "L.1.2 L.1.3", "L.1.1 L.1.2 L.1.3"),

    DEFECT(none, "", "M.*"),
    DEFECT(takes_unmasked_frames, "M.*", "M.*"),
    DEFECT(serves_nobody_after_a_lost_connection, "C.5.* !C.5.8", "C.5.*", 1),
    DEFECT(none, "", "@deflate"),
    DEFECT(compresses_without_rsv1, every_compressed_echo, "@deflate"),
    DEFECT(sets_rsv1_without_compressing, every_compressed_echo, some_deflate),
    DEFECT(sets_rsv1_in_each_fragment, every_compressed_echo, some_deflate),
    DEFECT(leaves_the_end_of_the_flush, every_compressed_echo, some_deflate),
    DEFECT(compresses_control_frames, "@all !W.12.*", some_deflate),
    DEFECT(knows_no_compression, "@all !W.12.*", some_deflate),
    DEFECT(looks_at_the_first_offer_alone, "W.13.1 W.13.4", some_deflate),
    DEFECT(knows_no_quotes, "W.13.2 W.13.3", some_deflate),
    DEFECT(takes_any_window, "W.12.1 W.12.2 W.12.3 W.12.4 W.12.5 W.12.6 W.12.7 W.12.8",
           some_deflate),
    DEFECT(takes_repeated_parameters, "W.12.9 W.12.10 W.12.11", some_deflate),
    DEFECT(takes_values_where_none_belong, "W.12.12 W.12.13", some_deflate),
    DEFECT(takes_unknown_parameters, "W.12.14 W.12.15", some_deflate),
    DEFECT(ignores_its_window, "13.3.4 13.5.4 13.7.4 W.1.* W.2.* !W.1.15 !W.2.15", some_deflate),
    DEFECT(takes_9_bits_for_8, "W.1.8 W.2.8", some_deflate),
    DEFECT(keeps_its_context, "13.2.4 13.5.4 13.6.4 13.7.4 W.2.*", some_deflate),
    DEFECT(forgets_each_message, "W.1.* W.2.* W.3.* W.8.1 W.8.2 W.8.3", some_deflate),
    DEFECT(remembers_plain_messages, "W.8.3", some_deflate),
    DEFECT(inflates_with_8_bits_only,
           "@all !W.3.8 !W.4.8 !W.5.* !W.6.* !W.7.* !W.8.* !W.9.* !W.10.* "
           "!W.11.* !W.12.* !W.13.*",
           some_deflate),
    DEFECT(inflates_64_KiB_at_most, "W.1.15 W.2.15 W.7.16", some_deflate),
    DEFECT(inflates_without_limit, "L.6.*", "L.6.*"),
    DEFECT(inflates_frame_by_frame, "12.2.13 W.8.4 W.8.5 W.8.6 W.8.7 W.11.1", some_deflate),
    DEFECT(stops_at_a_final_block, "W.7.5 W.7.6 W.7.7 W.7.9", some_deflate),
    DEFECT(inflates_what_was_to_be_forgotten, "W.6.1", some_deflate),
    DEFECT(takes_any_distance, "W.5.*", some_deflate),
    DEFECT(takes_any_deflate, "W.5.* W.6.1 W.9.* W.10.* !W.9.12", some_deflate),
    DEFECT(does_not_judge_the_end, "W.10.1 W.10.3 W.10.4", some_deflate),
    DEFECT(takes_any_utf8, "W.9.12", some_deflate),
    DEFECT(takes_rsv1_in_continuations, "W.11.1 W.11.2", some_deflate),
    DEFECT(takes_rsv1_in_control_frames, "W.11.3 W.11.4 W.11.5", some_deflate),
    DEFECT(ignores_rsv2, "W.11.6 W.11.8", some_deflate),
    DEFECT(ignores_rsv3, "W.11.7", some_deflate),
    DEFECT(forgets_empty_messages, "W.7.8 W.7.15", some_deflate),
    DEFECT(none, "", "H.*"),
    DEFECT(ignores_the_method,
           "H.1.68 H.1.70 H.1.71 H.1.73 H.1.74 H.1.76 H.1.77 H.1.79 H.1.80 H.1.257", "H.*"),
    DEFECT(ignores_the_version_of_http, "H.1.82 H.1.83 H.1.85 H.1.88 H.1.89 H.1.91 H.1.94 H.1.95",
           "H.*"),
    DEFECT(ignores_the_host,
           "H.1.4 H.1.121 H.1.148 H.1.149 H.1.151 H.1.152 H.1.154 H.1.155 H.1.157 H.1.158", "H.*"),
    DEFECT(ignores_the_connection, "H.1.169 H.1.170 H.1.172", "H.*"),
    DEFECT(ignores_the_key,
           "H.1.4 H.1.19 H.1.20 H.1.173 H.1.175 H.1.176 H.1.178 H.1.179 H.1.181 H.1.182 H.1.184 "
           "H.1.185",
           "H.*"),
    DEFECT(ignores_the_version,
           "H.1.4 H.1.187 H.1.188 H.1.190 H.1.191 H.1.193 H.1.194 H.1.196 H.1.197 H.1.199", "H.*"),
    DEFECT(takes_any_request,
           "H.* !@good !@partial !H.1.106 !H.1.119 !H.1.131 !H.1.133 !H.1.134 !H.1.136 !H.1.137 "
           "!H.1.139 !H.1.140 !H.1.142 !H.1.143 !H.1.145 !H.1.146 !H.1.217 !H.1.218 !H.1.220 "
           "!H.1.221 !H.1.223 !H.1.224 !H.1.238 !H.1.251 !H.1.253 H.1.19 H.1.20",
           "H.*"),
    DEFECT(answers_a_part_of_a_request, "@partial", "H.*"),
    DEFECT(answers_with_a_wrong_accept, "@good", "H.*"),
    DEFECT(takes_any_offer, "H.1.56 H.1.59 H.1.61 H.1.62 H.1.64", "H.*"),
    DEFECT(chooses_a_subprotocol_of_its_own, "@good", "H.*"),
    DEFECT(tells_no_allowed_method, "H.1.68 H.1.70 H.1.71 H.1.73 H.1.74 H.1.257", "H.*"),
    DEFECT(refuses_in_silence, "H.* !@good !@partial", "H.*"),
    DEFECT(refuses_without_an_answer,
           "H.* !@good !@partial !H.1.218 !H.1.220 !H.1.221 !H.1.223 !H.1.224", "H.*"),
    DEFECT(forgets_octets_behind_the_request, "H.1.67", "H.*"),
};
#undef DEFECT

TEST(ConformDefects, AreEachFoundByJustTheCasesThatAreAboutThem) {
    std::string complaint;
    std::vector<conform_case> cases = all_cases(complaint);
    lessen_floods(cases);
    lessen_messages(cases);
    const std::vector<const conform_case*> chosen = light(cases);
    std::set<std::string> can_fail;
    for (const expectation& each : expectations) {
        const std::set<std::string> ids = meant(each.among, chosen);
        std::vector<const conform_case*> some = chosen;
        std::erase_if(some, [&ids](const conform_case* one) { return !ids.contains(one->id); });
        const std::set<std::string> failed = found(each.what, some, each.jobs);
        const std::set<std::string> expected = meant(each.fails, some);
        EXPECT_EQ(without(failed, expected), nothing) << "more fail for " << each.name;
        EXPECT_EQ(without(expected, failed), nothing) << "fewer fail for " << each.name;
        const bool is_everything = failed.size() == chosen.size();
        can_fail.insert(failed.begin(), is_everything ? failed.begin() : failed.end());
    }
    for (const conform_case* const each : chosen) {
        EXPECT_TRUE(can_fail.contains(each->id)) << each->id << " fails for no defect";
    }
}

}  // namespace
}  // namespace plainsong::conform

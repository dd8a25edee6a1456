// SPDX-License-Identifier: MIT
// broken_echo.hpp — an echo server with one defect, which is to be chosen.
//
// Does: all that RFC 6455 asks of an echo server, but for that.  Without a defect it is a plain
// implementation that shares nothing with the engine but the check of UTF-8 and the handshake, which the
// defects are built around.
#ifndef PLAINSONG_TESTS_SUPPORT_BROKEN_ECHO_HPP
#define PLAINSONG_TESTS_SUPPORT_BROKEN_ECHO_HPP

#include <cstdint>
#include <memory>
#include <vector>

#include <plainsong/net/address.hpp>
#include <plainsong/net/listener.hpp>
#include <plainsong/net/loop.hpp>

namespace plainsong::tests {

enum class defect : std::uint8_t {
    none,
    reads_lengths_modulo_65536,
    takes_any_utf8,
    judges_utf8_at_the_end_of_a_frame,
    judges_utf8_at_the_end_of_a_message,
    takes_surrogates,
    refuses_noncharacters,
    ignores_rsv1,
    ignores_rsv2,
    ignores_rsv3,
    ignores_all_of_rsv,
    takes_reserved_data_opcodes,
    takes_reserved_control_opcodes,
    takes_fragmented_control_frames,
    takes_long_control_frames,
    takes_unmasked_frames,
    takes_continuations_of_nothing,
    takes_messages_inside_messages,
    drops_a_fragment,
    forgets_empty_messages,
    unmasks_wrongly_from_65536,
    unmasks_each_piece_from_the_start,
    echoes_text_as_binary,
    echoes_binary_as_text,
    echoes_twice,
    answers_no_ping,
    answers_pings_with_nothing,
    answers_only_the_last_ping,
    answers_pings_after_the_message,
    answers_pongs,
    fragments_pongs,
    masks_its_frames,
    sets_rsv,
    writes_long_lengths,
    answers_no_close,
    answers_a_close_with_1005,
    answers_a_close_with_1001,
    answers_a_close_twice,
    takes_any_close_code,
    takes_half_a_close_code,
    takes_any_close_reason,
    refuses_private_close_codes,
    goes_on_after_the_close,
    fails_with_1000,
    fails_without_a_close,
    keeps_the_connection,
    takes_only_64_frames,
    takes_only_1_MiB,
    takes_any_number_of_fragments,
    takes_any_length,
    ignores_the_highest_bit_of_a_length,
    keeps_all_answers,
    drops_answers_that_nobody_fetches,
    ends_a_message_at_an_empty_fragment,
    judges_heads_at_the_end_of_a_frame,
    goes_on_after_failing,
    judges_an_unfinished_text_at_the_close,
    keeps_half_closed_connections,
    forgets_its_answers_at_the_end,
    leaves_octets_unread_at_the_end,
    serves_nobody_after_a_lost_connection,
    knows_no_compression,
    looks_at_the_first_offer_alone,
    knows_no_quotes,
    takes_any_window,
    takes_repeated_parameters,
    takes_unknown_parameters,
    takes_values_where_none_belong,
    ignores_its_window,
    takes_9_bits_for_8,
    keeps_its_context,
    leaves_the_end_of_the_flush,
    compresses_without_rsv1,
    sets_rsv1_without_compressing,
    sets_rsv1_in_each_fragment,
    compresses_control_frames,
    forgets_each_message,
    inflates_what_was_to_be_forgotten,
    takes_any_distance,
    inflates_with_8_bits_only,
    inflates_64_KiB_at_most,
    inflates_without_limit,
    inflates_frame_by_frame,
    stops_at_a_final_block,
    takes_any_deflate,
    does_not_judge_the_end,
    remembers_plain_messages,
    takes_rsv1_in_continuations,
    takes_rsv1_in_control_frames,
    ignores_the_method,
    ignores_the_version_of_http,
    ignores_the_host,
    ignores_the_connection,
    ignores_the_key,
    ignores_the_version,
    takes_any_request,
    answers_a_part_of_a_request,
    answers_with_a_wrong_accept,
    takes_any_offer,
    chooses_a_subprotocol_of_its_own,
    tells_no_allowed_method,
    refuses_in_silence,
    refuses_without_an_answer,
    forgets_octets_behind_the_request,
};

class broken_session;

class broken_echo {
public:
    /// Listens at once, or fails the test.
    broken_echo(loop& its_loop, const address& where, defect what);
    ~broken_echo();
    broken_echo(const broken_echo&) = delete;
    broken_echo& operator=(const broken_echo&) = delete;

private:
    bool stunned_ = false;  // the next who comes gets no answer
    std::vector<std::unique_ptr<broken_session>> sessions_;
    listener door_;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_BROKEN_ECHO_HPP

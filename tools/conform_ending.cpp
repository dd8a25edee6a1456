// SPDX-License-Identifier: MIT
// conform_ending.cpp — how a conversation's connection ends: by whom, and with a FIN or a reset.
//
// Used by: tools/conform_run.  Depends on: tools/conform_conversation.
#include <sys/socket.h>

#include "tools/conform_conversation.hpp"

namespace plainsong::conform {

/// Nothing more will be sent: as soon as all has left, the tester ends its side of the connection.
void conversation::end_sending() {
    if (ending_) {
        return;
    }
    ending_ = true;
    resume_ = patience_ = stall_at_ = never;
    flood_ = nullptr;
    if (!is_closing()) {
        end_by_ = in(patience());
    }
}

void conversation::finish_sending() {
    if (mute_ || !out_.is_empty()) {
        return;
    }
    mute_ = true;
    if (!resetting_) {
        remark("the tester ends its side of the connection");
        return transport_.shutdown_write();
    }
    // Nothing waits for the peer then: what is on its way in either direction is thrown away.
    const linger at_once{1, 0};
    ::setsockopt(transport_.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    remark("the tester resets the connection");
    run_.was_reset = true;
    finish();
}

void conversation::peer_ended(connection_end how) {
    run_.end = how;
    if (!is_closing() && case_.awaits("end")) {
        run_.events.push_back({event_kind::noted, "end"});
    }
    run_.peer_ended_first = !ending_ || !mute_;
    remark(how == connection_end::fin ? "the peer ends the connection"
                                      : "the peer resets the connection");
    finish();
}

}  // namespace plainsong::conform

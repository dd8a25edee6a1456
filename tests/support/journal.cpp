// SPDX-License-Identifier: MIT
// journal.cpp — see journal.hpp.
#include "tests/support/journal.hpp"

#include <memory>
#include <utility>

#include "tests/support/endpoint.hpp"

namespace plainsong::tests {

namespace {

std::string name_of_type(opcode type) {
    return type == opcode::text ? "text " : "binary ";
}

}  // namespace

std::string shown(const close_record& how) {
    static constexpr const char* who[] = {"nobody", "local", "peer"};
    std::string text = "close " + std::to_string(how.code);
    if (how.sent_code != 0) {
        text += " sent " + std::to_string(how.sent_code);
    }
    text += how.clean ? " clean" : "";
    if (how.who != close_initiator::nobody) {
        text += std::string(" by ") + who[static_cast<std::size_t>(how.who)];
    }
    if (!how.reason.empty()) {
        text += ' ' + shown(as_bytes(how.reason));
    }
    if (how.cause) {
        text += std::string(" because ") + facts_of(how.cause.code).name;
    }
    if (how.system_error != 0) {
        text += " errno " + std::to_string(how.system_error);
    }
    if (how.bytes_unsent != 0) {
        text += " lost " + std::to_string(how.messages_unsent) + " of " +
                std::to_string(how.bytes_unsent) + " bytes";
    }
    return text;
}

std::string journal::entry::text() const {
    return joined(lines);
}

std::size_t journal::open() const {
    std::size_t count = 0;
    for (const entry& one : entries_) {
        count += one.open ? 1 : 0;
    }
    return count;
}

void journal::forget() {
    entries_.clear();
}

journal::entry& journal::of(session& one, const char* what) {
    static entry nobody;
    auto* const found = static_cast<entry*>(one.data());
    if (found == nullptr) {
        faults.push_back(std::string(what) + " before on_open");
        return nobody;
    }
    if (!found->open) {
        faults.push_back(std::string(what) + " after on_close");
    }
    if (!(found->id == one.id())) {
        faults.push_back(std::string(what) + " of a session with another id");
    }
    return *found;
}

void journal::note(session& one, const std::string& line, const char* what) {
    of(one, what).lines.push_back(line);
}

void journal::note_end(session& one) {
    entry& mine = of(one, "on_message_end");
    if (!mine.in_message) {
        faults.push_back("on_message_end without a beginning");
    }
    mine.in_message = false;
    mine.lines.push_back(name_of_type(mine.type) + shown(mine.message));
    mine.message.clear();
}

handlers journal::record(reactions also) {
    auto shared = std::make_shared<reactions>(std::move(also));
    handlers made;
    if (shared->on_upgrade || shared->upgrades) {
        made.on_upgrade = [shared](upgrade& asked) {
            if (shared->on_upgrade) {
                shared->on_upgrade(asked);
            }
        };
    }
    made.on_open = [this, shared](session& one) {
        if (one.data() != nullptr) {
            faults.push_back("a second on_open");
        }
        entries_.push_back({.id = one.id(), .lines = {"open"}, .open = true});
        one.set_data(&entries_.back());
        if (shared->on_open) {
            shared->on_open(one);
        }
    };
    if (shared->streams) {
        made.on_message_begin = [this, shared](session& one, opcode type) {
            entry& mine = of(one, "on_message_begin");
            if (mine.in_message) {
                faults.push_back("a second on_message_begin");
            }
            mine.in_message = true;
            mine.type = type;
            if (shared->on_message_begin) {
                shared->on_message_begin(one);
            }
        };
        made.on_message_chunk = [this, shared](session& one, byte_view chunk) {
            entry& mine = of(one, "on_message_chunk");
            if (!mine.in_message || chunk.empty()) {
                faults.push_back("a chunk that is empty or outside of a message");
            }
            append(mine.message, chunk);
            if (shared->on_message_chunk) {
                shared->on_message_chunk(one, chunk);
            }
        };
        made.on_message_end = [this](session& one) { note_end(one); };
    } else {
        made.on_message = [this, shared](session& one, message m) {
            note(one, name_of_type(m.type) + shown(m.payload), "on_message");
            if (shared->on_message) {
                shared->on_message(one, m);
            }
        };
    }
    made.on_ping = [this, shared](session& one, byte_view payload) {
        note(one, "ping " + shown(payload), "on_ping");
        if (shared->on_ping) {
            shared->on_ping(one, payload);
        }
    };
    made.on_pong = [this, shared](session& one, byte_view payload) {
        note(one, "pong " + shown(payload), "on_pong");
        if (shared->on_pong) {
            shared->on_pong(one, payload);
        }
    };
    made.on_drain = [this, shared](session& one) {
        note(one, "drain", "on_drain");
        if (shared->on_drain) {
            shared->on_drain(one);
        }
    };
    made.on_close = [this, shared](session& one, const close_record& how) {
        entry& mine = of(one, "on_close");
        mine.lines.push_back(shown(how));
        if (one.is_open() || one.send_text("x") || one.ping() || one.close()) {
            faults.push_back("a session can send while it is told to be closed");
        }
        if (shared->on_close) {
            shared->on_close(one, how);
        }
        mine.open = false;
    };
    return made;
}

}  // namespace plainsong::tests

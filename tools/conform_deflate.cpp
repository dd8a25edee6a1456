// SPDX-License-Identifier: MIT
// conform_deflate.cpp — whole messages through the project's own codec.
//
// Used by: tools/conform_*.  Depends on: tools/conform_deflate.
#include "tools/conform_deflate.hpp"

#include <plainsong/base/error.hpp>

namespace plainsong::conform {

packer::packer(const deflate_terms& terms)
    : forgets_(terms.tester_forgets),
      memory_(deflate_memory(terms.tester_bits, deflate_level::normal)),
      deflater_(memory_, terms.tester_bits, deflate_level::normal) {}

std::string packer::pack(std::string_view text) {
    std::string payload(deflate_bound(text.size()), '\0');
    byte_view in = as_bytes(text);
    std::size_t made = 0;
    for (bool done = false; !done;) {
        auto* const room = reinterpret_cast<std::uint8_t*>(payload.data());
        const deflate_step step =
            deflater_.deflate(in, {room + made, payload.size() - made}, deflate_flush::message);
        in = in.subspan(step.taken);
        made += step.made;
        done = step.done;
        payload.resize(done ? made : payload.size() * 2);
    }
    if (forgets_) {
        forget();
    }
    return payload;
}

unpacker::unpacker(const deflate_terms& terms)
    : forgets_(terms.peer_forgets),
      bits_(terms.peer_bits),
      memory_(std::size_t{1} << bits_),
      window_(memory_),
      room_(std::size_t{64} << 10) {}

std::string unpacker::unpack(std::string_view payload, std::string& text) {
    byte_view in = as_bytes(payload);
    std::size_t at = 0;
    inflater_.begin(bits_, largest_message);
    for (bool whole = false, ended = false; !ended;) {
        const inflate_step step = whole ? inflater_.finish(room_, at, window_)
                                        : inflater_.inflate(in, room_, at, window_);
        in = in.subspan(whole ? 0 : step.taken);
        at += step.made;
        switch (step.state) {
            case inflate_state::more_input:
                whole = true;
                break;
            case inflate_state::more_room:
                room_.resize(room_.size() * 2);
                break;
            case inflate_state::ended:
                ended = true;
                break;
            case inflate_state::failed:
                return std::string("a compressed message can't be inflated: ") +
                       facts_of(step.code).text;
        }
    }
    const byte_view all(room_.data(), at);
    text = as_text(all);
    if (!forgets_) {
        window_.remember(all);
    }
    return "";
}

std::string reel::packed(packer& by) {
    std::string& known = packed_[index_ % packed_.size()];
    if (!known.empty()) {
        return known;
    }
    std::string payload = by.pack(text());
    // The compressor doesn't see messages that are known; but those that follow are known, too.
    if (by.forgets() || index_ * size_ >= std::size_t{1} << deflate_terms::most_bits) {
        known = payload;
    }
    return payload;
}

}  // namespace plainsong::conform

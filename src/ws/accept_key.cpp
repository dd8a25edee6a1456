// SPDX-License-Identifier: MIT
// accept_key.cpp — one digest of the key's text and the GUID.
#include <plainsong/ws/accept_key.hpp>

#include <plainsong/base/bytes.hpp>
#include <plainsong/codec/base64.hpp>
#include <plainsong/codec/sha1.hpp>

namespace plainsong {

accept_key accept_key_for(std::string_view key) {
    sha1 digest;
    digest.update(as_bytes(key));
    digest.update(as_bytes(handshake_guid));
    const sha1_digest octets = digest.finish();
    accept_key accept{};
    static_assert(base64_encoded_size(sizeof(sha1_digest)) == sizeof accept.characters);
    base64_encode(octets, accept.characters);  // [6455-4.2.2-21] [6455-4.3-08]
    return accept;
}

bool is_handshake_key(std::string_view key) {
    constexpr std::size_t key_bytes = 16;
    if (key.size() != base64_encoded_size(key_bytes)) {
        return false;  // [6455-4.2.1-10]
    }
    std::uint8_t decoded[base64_decoded_size_limit(base64_encoded_size(key_bytes))];
    result<std::size_t> size = base64_decode(key, decoded, base64_pad_bits::any);
    return size && *size == key_bytes;  // [6455-4.3-02]
}

}  // namespace plainsong

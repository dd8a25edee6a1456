// SPDX-License-Identifier: MIT
// credentials.cpp — user and password in base64, or a token as it is.
#include <plainsong/app/credentials.hpp>

#include <plainsong/base/bytes.hpp>
#include <plainsong/codec/base64.hpp>

namespace plainsong {

std::string basic_authorization(std::string_view user, std::string_view password) {
    constexpr std::string_view scheme = "Basic ";
    std::string plain(user);
    plain += ':';
    plain += password;
    std::string value(scheme);
    value.resize(scheme.size() + base64_encoded_size(plain.size()));
    base64_encode(as_bytes(plain), std::span(value).subspan(scheme.size()));
    return value;
}

std::string bearer_authorization(std::string_view token) {
    return std::string("Bearer ").append(token);
}

}  // namespace plainsong

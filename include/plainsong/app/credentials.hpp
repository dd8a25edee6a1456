// SPDX-License-Identifier: MIT
// credentials.hpp — values of the Authorization field (RFC 7617, RFC 6750).
//
// Does: write them.  Does not: keep, check or send them.
// Used by: app/proxy; programs, for client_options::authorization.  Depends on: codec/base64.
#ifndef PLAINSONG_APP_CREDENTIALS_HPP
#define PLAINSONG_APP_CREDENTIALS_HPP

#include <string>
#include <string_view>

namespace plainsong {

/// Returns: "Basic …", both texts as UTF-8.
/// Requires: `user` has no colon (RFC 7617 §2); neither has control characters.
std::string basic_authorization(std::string_view user, std::string_view password);

/// Returns: "Bearer …".
std::string bearer_authorization(std::string_view token);

}  // namespace plainsong

#endif  // PLAINSONG_APP_CREDENTIALS_HPP

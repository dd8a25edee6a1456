// SPDX-License-Identifier: MIT
// writer.hpp — writes an HTTP/1.1 head (and a short body) into memory of the caller.
//
// Does: refuse whatever would end a line early or leave the grammar, so that no text of a program's
// user can become a field of its own.
// Does not: allocate, or know which fields a message needs.
// Used by: ws/server_handshake, ws/client_handshake, app/responder.  Depends on: base.
#ifndef PLAINSONG_HTTP_WRITER_HPP
#define PLAINSONG_HTTP_WRITER_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/result.hpp>

namespace plainsong::http {

/// Returns: the phrase that RFC 9110 gives to `status`, "Status" for one that it doesn't know.
std::string_view reason_phrase(std::uint16_t status);

/// Parts are added in the order of the wire.  The first error is kept and whatever follows it is
/// ignored, so that only finish() needs to be checked.
class writer {
public:
    explicit writer(byte_span into) : into_(into) {}

    writer& request_line(std::string_view method, std::string_view target);
    writer& status_line(std::uint16_t status, std::string_view reason);
    writer& add(std::string_view name, std::string_view value);
    writer& add(std::string_view name, std::uint64_t value);
    /// The empty line behind the fields.
    writer& end_head();
    writer& body(byte_view octets);

    /// Returns: how many octets were written.
    /// Errors: field_not_sendable if a text was refused; output_full if the memory is too small.
    [[nodiscard]] result<std::size_t> finish() const;

private:
    void put(std::string_view text);
    void put_number(std::uint64_t number);
    void fail(error_code why);

    byte_span into_;
    std::size_t size_ = 0;
    error_code why_ = error_code::none;
};

}  // namespace plainsong::http

#endif  // PLAINSONG_HTTP_WRITER_HPP

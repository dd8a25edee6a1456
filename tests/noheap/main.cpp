// SPDX-License-Identifier: MIT
// main.cpp — the core at work in a program where any allocation aborts.
//
// Linked by the C driver with libplainsong-core.a alone: there is no C++ runtime, and the heap of
// the C library is replaced by functions that stop the program.
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

#include <unistd.h>

#include <plainsong/codec/deflate.hpp>
#include <plainsong/http/head_parser.hpp>
#include <plainsong/ws/client_handshake.hpp>
#include <plainsong/ws/connection.hpp>
#include <plainsong/ws/message_inflater.hpp>
#include <plainsong/ws/server_handshake.hpp>

namespace {

[[noreturn]] void stop(const char* what) {
    const char prefix[] = "no-heap: ";
    const bool told = ::write(2, prefix, sizeof prefix - 1) > 0 &&
                      ::write(2, what, std::strlen(what)) > 0 && ::write(2, "\n", 1) > 0;
    std::_Exit(told ? 1 : 2);
}

}  // namespace

extern "C" {
void* malloc(std::size_t) {
    stop("malloc was called");
}
void* calloc(std::size_t, std::size_t) {
    stop("calloc was called");
}
void* realloc(void*, std::size_t) {
    stop("realloc was called");
}
void free(void* pointer) {
    if (pointer != nullptr) {
        stop("free was called");
    }
}
}

void* operator new(std::size_t) {
    stop("operator new was called");
}
void* operator new[](std::size_t) {
    stop("operator new[] was called");
}
void operator delete(void*) noexcept {
    stop("operator delete was called");
}
void operator delete[](void*) noexcept {
    stop("operator delete[] was called");
}
void operator delete(void*, std::size_t) noexcept {
    stop("operator delete was called");
}
void operator delete[](void*, std::size_t) noexcept {
    stop("operator delete[] was called");
}

namespace {

using namespace plainsong;

constexpr time_point start{std::chrono::hours(1)};

void require(bool condition, const char* what) {
    if (!condition) {
        stop(what);
    }
}

/// A stream in memory, from one end to the other.
struct wire {
    std::uint8_t bytes[2048];
    std::size_t size = 0;

    void put(byte_view more) {
        require(more.size() <= sizeof bytes - size, "the wire is too short");
        std::memcpy(bytes + size, more.data(), more.size());
        size += more.size();
    }
    byte_span all() { return {bytes, size}; }
};

/// One end of the conversation: engine, workspace and what the engine reported.
struct end {
    std::uint8_t memory[1024];
    workspace room{memory};
    connection engine;
    char text[64];
    std::size_t text_size = 0;
    std::size_t pongs = 0;
    bool closed = false;

    explicit end(const connection_config& config) : engine(config, start) { engine.attach(room); }

    void note(const event& what) {
        if (what.kind == event_kind::data) {
            text_size = what.first ? 0 : text_size;
            require(text_size + what.payload.size() <= sizeof text, "the text is too long");
            std::memcpy(text + text_size, what.payload.data(), what.payload.size());
            text_size += what.payload.size();
        }
        pongs += what.kind == event_kind::pong ? 1 : 0;
        closed = closed || what.kind == event_kind::closed;
    }

    void read(wire& from) {
        byte_span in = from.all();
        while (!in.empty()) {
            const step taken = engine.receive(in, start);
            in = in.subspan(taken.taken);
            note(taken.what);
        }
        from.size = 0;
    }

    void write(wire& to) {
        const byte_view waiting = engine.output();
        to.put(waiting);
        engine.output_sent(waiting.size(), start);
    }

    [[nodiscard]] std::string_view last_text() const { return {text, text_size}; }
};

// The opening handshake, from the client's key to its verdict on the answer (RFC 6455 §1.3).
void shake_hands() {
    constexpr std::string_view nonce = "the sample nonce";
    const upgrade_offer offer{.host = "example",
                              .target = "/chat",
                              .key = make_key(as_bytes(nonce).first<nonce.size()>()),
                              .protocols = "chat"};
    wire request;
    auto size = write_request(request.bytes, offer);
    require(size && *size <= request_size(offer), "the request is not written");
    request.size = *size;

    http::head_parser parser;
    const http::head_step judged = parser.feed(request.all(), {});
    require(judged.status == http::head_step::kind::done, "the head is not complete");
    http::request_head head;
    http::read_head(request.all().first(judged.size), head);
    upgrade_request upgrade;
    require(judge_request(head, {}, upgrade) == error_code::none, "the request is refused");

    constexpr std::string_view spoken[] = {"chat"};
    std::uint8_t answer[512];
    size = write_accept(answer, upgrade, {.subprotocol = select_protocol(upgrade, spoken)});
    require(static_cast<bool>(size), "the answer is not written");
    constexpr std::string_view expected =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
    require(*size > expected.size() && std::memcmp(answer, expected.data(), expected.size()) == 0,
            "the answer is not that of the RFC");
    answer_reader reader;
    require(reader.receive({answer, *size}, offer, {}).status == answer_reader::step::kind::open &&
                reader.answer().protocol == "chat",
            "the answer is not accepted");

    size = write_refusal(answer, {.why = error_code::origin_refused});
    require(static_cast<bool>(size), "the refusal is not written");
}

// Messages, a ping and the close, between a client and a server.
void converse() {
    const connection_config server_side;
    const connection_config client_side{.self = role::client,
                                        .bounds = {},
                                        .keys = {.next =
                                                     [](void*, mask_key& key) {
                                                         key.bytes = {1, 2, 3, 4};
                                                         return true;
                                                     },
                                                 .context = nullptr}};
    end server(server_side);
    end client(client_side);
    wire up;
    wire down;

    require(!client.engine.send(opcode::text, as_bytes("Gr\xC3\xBC"), false), "send fails");
    require(!client.engine.ping(as_bytes("p")), "ping fails");
    require(!client.engine.send(opcode::continuation, as_bytes("\xC3\x9F e")), "send fails");
    client.write(up);
    server.read(up);
    require(server.last_text() == "Gr\xC3\xBC\xC3\x9F e", "the message differs");

    require(!server.engine.send(opcode::text, as_bytes("back")), "send fails");
    server.write(down);
    client.read(down);
    require(client.last_text() == "back" && client.pongs == 1, "message or pong is missing");

    require(!server.engine.close(close_code::normal, "bye", start), "close fails");
    server.write(down);
    client.read(down);
    client.write(up);
    server.read(up);
    require(server.engine.wants_shutdown(), "the server does not end the stream");
    client.note(client.engine.receive_eof(start));
    server.note(server.engine.receive_eof(start));
    require(client.closed && server.closed && client.engine.outcome().clean &&
                server.engine.outcome().clean && client.engine.outcome().reason == "bye",
            "the close is not clean");
}

// A compressed message (RFC 7692), with all that it takes in memory of the program.
void compress() {
    static std::uint8_t memory[deflate_memory(8, deflate_level::fast)];
    static message_inflater inflater;
    const connection_config config;
    end server(config);
    server.engine.allow_compression();
    deflater shrinking(memory, 8, deflate_level::fast);
    constexpr std::string_view text = "a rose is a rose is a rose is a rose";
    std::uint8_t payload[deflate_bound(text.size())];
    const deflate_step shrunk = shrinking.deflate(as_bytes(text), payload, deflate_flush::message);
    require(shrunk.done && shrunk.made < text.size(), "the text does not become smaller");
    const byte_view smaller{payload, shrunk.made};
    require(!server.engine.send(opcode::text, smaller, true, true), "send fails");
    require(server.engine.output()[0] == 0xC1, "the frame does not say that it is compressed");

    const connection_config client_side{.self = role::client};
    end client(client_side);
    client.engine.allow_compression();
    wire down;
    server.write(down);
    const step taken = client.engine.receive(down.all(), start);
    require(taken.what.compressed && taken.what.last, "the message is not reported");
    std::uint8_t room[64];
    inflater.begin(taken.what.type, 8, {});
    const inflate_step grown = inflater.inflate(taken.what.payload, true, room, 0);
    require(grown.state == inflate_state::ended && grown.made == text.size() &&
                std::memcmp(room, text.data(), text.size()) == 0,
            "the text differs");
}

// What breaks a rule is named and answered.
void fail() {
    const connection_config config;
    end server(config);
    wire in;
    wire out;
    in.put(as_bytes("\x81\x05Hello"));
    server.read(in);
    server.write(out);
    server.note(server.engine.on_deadline(server.engine.next_deadline()));
    require(server.closed && server.engine.outcome().cause.code == error_code::frame_not_masked,
            "the violation is not reported");
}

}  // namespace

int main() {
    shake_hands();
    converse();
    compress();
    fail();
    return 0;
}

// SPDX-License-Identifier: MIT
// beast_client.cpp — a WebSocket client on Boost.Beast, for comparison.
//
// Does: what tests/bench/peers/beast_echo.cpp does for speed, and in the same way.  Beast writes one
// message at a time on a connection, so of those that are due the next goes out when the last has gone.
// Used by: tests/bench/run.  Depends on: Debian's libboost-dev.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <memory>
#include <vector>

#include "tests/bench/clients/window.hpp"

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using tcp = asio::ip::tcp;
using socket_type = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;

namespace {

class connection {
public:
    connection(asio::io_context& context, bench::window& window,
               const std::vector<std::uint8_t>& payload)
        : stream_(context), window_(window), payload_(payload) {
        beast::error_code failed;
        auto& socket = stream_.next_layer();
        socket.connect(
            {asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(window.port)},
            failed);
        socket.set_option(tcp::no_delay(true), failed);
        stream_.read_message_max(64u << 20);
        stream_.auto_fragment(false);
        stream_.binary(true);
        stream_.handshake("127.0.0.1", "/", failed);
        if (failed) {
            bench::window::fail("no connection");
        }
        due_ = window.depth;
        write();
        read();
    }

private:
    void read() {
        stream_.async_read(buffer_, [this](beast::error_code failed, std::size_t size) {
            if (failed || size != payload_.size()) {
                bench::window::fail("closed, or another size came back");
            }
            buffer_.consume(size);
            ++due_;
            write();
            window_.note();
            read();
        });
    }
    void write() {
        if (due_ == 0 || is_writing_) {
            return;
        }
        --due_;
        is_writing_ = true;
        stream_.async_write(asio::buffer(payload_), [this](beast::error_code failed, std::size_t) {
            if (failed) {
                bench::window::fail("closed");
            }
            is_writing_ = false;
            write();
        });
    }

    websocket::stream<socket_type, false> stream_;
    bench::window& window_;
    const std::vector<std::uint8_t>& payload_;
    beast::flat_buffer buffer_;
    int due_ = 0;
    bool is_writing_ = false;
};

}  // namespace

int main(int argc, char** argv) {
    bench::window window(argc, argv);
    asio::io_context context(1);
    const std::vector<std::uint8_t> payload(window.size, 'x');
    std::vector<std::unique_ptr<connection>> all;
    for (int i = 0; i < window.connections; ++i) {
        all.push_back(std::make_unique<connection>(context, window, payload));
    }
    context.run();
}

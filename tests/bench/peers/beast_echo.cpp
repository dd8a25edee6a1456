// SPDX-License-Identifier: MIT
// beast_echo.cpp — a WebSocket echo server on Boost.Beast, for comparison.
//
// Does: what Beast's documentation offers for speed: one thread and a context that takes no locks,
// a concrete executor type, a plain socket below (no timeouts), no automatic fragments, TCP_NODELAY; no
// compression, unless it is compiled with -DPEER_COMPRESSES=1.
// Does not: matter outside tests/bench and autobahn/peers.
// Used by: tests/bench/run, autobahn/peers/run.  Depends on: Debian's libboost-dev.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using tcp = asio::ip::tcp;
using executor = asio::io_context::executor_type;
using socket_type = asio::basic_stream_socket<tcp, executor>;
using acceptor_type = asio::basic_socket_acceptor<tcp, executor>;

#ifndef PEER_COMPRESSES
#define PEER_COMPRESSES 0
#endif

namespace {

constexpr bool compresses = PEER_COMPRESSES != 0;

class session : public std::enable_shared_from_this<session> {
public:
    explicit session(socket_type socket) : stream_(std::move(socket)) {
        stream_.read_message_max(64u << 20);
        stream_.auto_fragment(false);
        if (compresses) {
            websocket::permessage_deflate terms;
            terms.server_enable = true;
            stream_.set_option(terms);
        }
    }

    void start() {
        stream_.async_accept([self = shared_from_this()](beast::error_code failed) {
            if (!failed) {
                self->read();
            }
        });
    }

private:
    void read() {
        stream_.async_read(buffer_,
                           [self = shared_from_this()](beast::error_code failed, std::size_t) {
                               if (!failed) {
                                   self->write();
                               }
                           });
    }

    void write() {
        stream_.text(stream_.got_text());
        stream_.async_write(buffer_.data(),
                            [self = shared_from_this()](beast::error_code failed, std::size_t) {
                                if (!failed) {
                                    self->buffer_.consume(self->buffer_.size());
                                    self->read();
                                }
                            });
    }

    websocket::stream<socket_type, compresses> stream_;
    beast::flat_buffer buffer_;
};

void accept(acceptor_type& acceptor, socket_type& socket) {
    acceptor.async_accept(socket, [&](beast::error_code failed) {
        if (!failed) {
            socket.set_option(tcp::no_delay(true), failed);
            std::make_shared<session>(std::move(socket))->start();
        }
        accept(acceptor, socket);
    });
}

}  // namespace

int main(int argc, char** argv) {
    const auto port = static_cast<unsigned short>(argc > 1 ? std::atoi(argv[1]) : 0);
    asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
    acceptor_type acceptor{context.get_executor()};
    const tcp::endpoint endpoint{asio::ip::address_v4::loopback(), port};
    acceptor.open(endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(4096);
    std::printf("listening on %d\n", acceptor.local_endpoint().port());
    std::fflush(stdout);
    socket_type socket{context.get_executor()};
    accept(acceptor, socket);
    context.run();
}

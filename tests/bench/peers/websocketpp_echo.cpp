// SPDX-License-Identifier: MIT
// websocketpp_echo.cpp — a WebSocket echo server on websocketpp over Boost.Asio, for comparison.
//
// Does: echo on one thread, without locks, logs or compression, with TCP_NODELAY.
// Does not: matter outside tests/bench.
// Used by: tests/bench/run.  Depends on: Debian's libwebsocketpp-dev and libboost-dev.
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/server.hpp>

#include <cstdio>
#include <cstdlib>

namespace {

struct quick : websocketpp::config::asio {
    using concurrency_type = websocketpp::concurrency::none;
    using alog_type = websocketpp::log::stub;
    using elog_type = websocketpp::log::stub;

    struct transport_config : websocketpp::config::asio::transport_config {
        using concurrency_type = quick::concurrency_type;
        using alog_type = quick::alog_type;
        using elog_type = quick::elog_type;
        static const bool enable_multithreading = false;
    };
    using transport_type = websocketpp::transport::asio::endpoint<transport_config>;
    static const bool enable_multithreading = false;
    static const std::size_t max_message_size = 64u << 20;
};

using server = websocketpp::server<quick>;

}  // namespace

int main(int argc, char** argv) {
    const auto port = static_cast<unsigned short>(argc > 1 ? std::atoi(argv[1]) : 0);
    server echo;
    echo.init_asio();
    echo.set_reuse_addr(true);
    echo.set_listen_backlog(4096);
    echo.set_tcp_post_init_handler([&](websocketpp::connection_hdl handle) {
        echo.get_con_from_hdl(handle)->get_raw_socket().set_option(
            boost::asio::ip::tcp::no_delay(true));
    });
    echo.set_message_handler([&](websocketpp::connection_hdl handle, server::message_ptr message) {
        websocketpp::lib::error_code ignored;
        echo.send(handle, message->get_payload(), message->get_opcode(), ignored);
    });
    echo.listen(boost::asio::ip::tcp::endpoint{boost::asio::ip::address_v4::loopback(), port});
    websocketpp::lib::asio::error_code ignored;
    std::printf("listening on %d\n", echo.get_local_endpoint(ignored).port());
    std::fflush(stdout);
    echo.start_accept();
    echo.run();
}

// SPDX-License-Identifier: MIT
// beast.cpp — Boost.Beast as a server for our client.  See README.md beside it.
//
// Does: one thread a connection, each call blocking, as in the simplest of Beast's examples.
// Does not: matter outside tests/interop.
// Used by: run.mjs.  Depends on: Debian's libboost-dev.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using request_type = http::request<http::string_body>;

namespace {

constexpr std::size_t largest_message = 32 << 20;
constexpr char known[] = "Basic Y2FudG9yOnBzYWxt";  // cantor:psalm

/// How the connections ended that came with ?tag=.
class close_log {
public:
    void note(const std::string& tag, std::string line) {
        const std::lock_guard lock{mutex_};
        ended_[tag] = std::move(line);
        changed_.notify_all();
    }
    std::string wait_for(const std::string& tag) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return ended_.count(tag) == 1; });
        return ended_[tag];
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::string> ended_;
};

close_log ends;

/// The terms that a path below /deflate asks for, and in the same form those of an answer.
struct deflate_terms {
    int server_bits = 0;
    int client_bits = 0;
    bool server_forgets = false;
    bool client_forgets = false;

    /// Returns: whether `path` has any.
    bool read(const std::string& path) {
        char server[8] = "";
        char client[8] = "";
        const int found = std::sscanf(path.c_str(), "/deflate/%d-%d-%7[a-z]-%7[a-z]", &server_bits,
                                      &client_bits, server, client);
        server_forgets = server == std::string("forget");
        client_forgets = client == std::string("forget");
        return found == 4;
    }
    static std::string words_of(beast::string_view answered) {
        if (answered.empty()) {
            return "nothing";
        }
        std::string server_bits = "15";
        std::string client_bits = "15";
        const char* server = "-keep";
        const char* client = "-keep";
        for (const auto& extension : http::ext_list{answered}) {
            for (const auto& [name, value] : extension.second) {
                if (name == "server_max_window_bits") {
                    server_bits = std::string(value);
                } else if (name == "client_max_window_bits") {
                    client_bits = std::string(value);
                } else if (name == "server_no_context_takeover") {
                    server = "-forget";
                } else {
                    client = "-forget";
                }
            }
        }
        return server_bits + '-' + client_bits + server + client;
    }
};

class connection {
public:
    explicit connection(tcp::socket socket) : peer_(std::move(socket)) {}

    void attend() {
        http::read(peer_.next_layer(), buffer_, request_);
        buffer_.consume(buffer_.size());
        const std::string target(request_.target());
        path_ = target.substr(0, target.find('?'));
        const std::size_t tag = target.find("?tag=");
        tag_ = tag == std::string::npos ? "" : target.substr(tag + 5);
        deflate_terms asked;
        if (asked.read(path_)) {
            path_ = "/deflate";
            deflate(asked);
        }
        if (refuse()) {
            return;
        }
        open();
        std::string line;
        try {
            serve();
        } catch (const boost::system::system_error& ended) {
            const bool clean = ended.code() == websocket::error::closed;
            const websocket::close_reason& why = peer_.reason();
            const int code = !clean                                    ? 1006
                             : why.code == websocket::close_code::none ? 1005
                                                                       : why.code;
            line = std::to_string(code) + (clean ? " clean" : " unclean");
            if (clean && !why.reason.empty()) {
                line += ' ' + std::string(why.reason.c_str(), why.reason.size());
            }
        }
        if (path_ != "/log") {
            ends.note(tag_, line);
        }
    }

private:
    bool refuse() {
        http::response<http::string_body> answer;
        const bool is_private = path_ == "/private";
        if (path_ == "/refuse" || (is_private && request_[http::field::authorization] != known)) {
            answer.result(http::status::unauthorized);
            answer.set(http::field::www_authenticate, "Basic realm=\"choir\"");
            answer.body() = "Not you.\n";
        } else if (path_ == "/busy") {
            answer.result(http::status::service_unavailable);
            answer.set(http::field::retry_after, "7");
            answer.body() = "Later.\n";
        } else if (path_ != "/echo" && path_ != "/count" && path_ != "/greeting" &&
                   path_ != "/close" && path_ != "/vanish" && path_ != "/streamed" &&
                   path_ != "/ping" && path_ != "/subprotocol" && path_ != "/headers" &&
                   path_ != "/log" && path_ != "/deflate" && !is_private) {
            answer.result(http::status::not_found);
            answer.body() = "Not here.\n";
        } else {
            return false;
        }
        answer.keep_alive(false);
        answer.prepare_payload();
        http::write(peer_.next_layer(), answer);
        return true;
    }

    void deflate(const deflate_terms& asked) {
        websocket::permessage_deflate on;
        on.server_enable = true;
        on.server_max_window_bits = asked.server_bits;
        on.client_max_window_bits = asked.client_bits;
        on.server_no_context_takeover = asked.server_forgets;
        on.client_no_context_takeover = asked.client_forgets;
        peer_.set_option(on);
    }

    void open() {
        const auto offered = request_[http::field::sec_websocket_protocol];
        if (path_ == "/subprotocol" && http::token_list{offered}.exists("superchat")) {
            protocol_ = "superchat";
        }
        peer_.set_option(websocket::stream_base::decorator([&](websocket::response_type& answer) {
            if (!protocol_.empty()) {
                answer.set(http::field::sec_websocket_protocol, protocol_);
            }
            agreed_ = deflate_terms::words_of(answer[http::field::sec_websocket_extensions]);
        }));
        peer_.read_message_max(largest_message);
        peer_.auto_fragment(false);
        peer_.control_callback([&](websocket::frame_type kind, beast::string_view payload) {
            if (kind == websocket::frame_type::pong && path_ == "/ping") {
                say("pong " + std::string(payload.data(), payload.size()));
            }
        });
        peer_.accept(request_);
    }

    void say(const std::string& text) {
        peer_.text(true);
        peer_.write(asio::buffer(text));
    }

    [[noreturn]] void close(const websocket::close_reason& why) {
        peer_.close(why);
        throw boost::system::system_error(websocket::error::closed);
    }

    /// Ends by the exception that Beast throws when the connection ends.
    void serve() {
        greet();
        for (;;) {
            peer_.read(buffer_);
            answer();
            buffer_.consume(buffer_.size());
        }
    }

    void greet() {
        if (path_ == "/greeting") {
            say("Kyrie");
            say("eleison");
            say("");
            close(websocket::close_code::normal);
        } else if (path_ == "/subprotocol") {
            say(protocol_);
        } else if (path_ == "/deflate") {
            say(agreed_);
        } else if (path_ == "/headers") {
            std::string text;
            for (const auto& field : request_) {
                std::string name(field.name_string());
                for (char& c : name) {
                    c = beast::detail::ascii_tolower(c);
                }
                text += name + ": " + std::string(field.value()) + '\n';
            }
            say(text);
        } else if (path_ == "/log") {
            say(ends.wait_for(tag_));
        }
    }

    void answer() {
        const std::string message = beast::buffers_to_string(buffer_.data());
        const bool in_parts = path_ == "/deflate" && message.size() % 4 == 3;
        if (path_ == "/echo" || path_ == "/private" || (path_ == "/deflate" && !in_parts)) {
            peer_.text(peer_.got_text());
            peer_.write(buffer_.data());
        } else if (path_ == "/count") {
            for (int i = 0; i < std::atoi(message.c_str()); ++i) {
                say(std::to_string(i));
            }
        } else if (path_ == "/close") {
            const std::size_t blank = message.find(' ');
            const auto code = static_cast<websocket::close_code>(std::atoi(message.c_str()));
            const std::string reason = blank == std::string::npos ? "" : message.substr(blank + 1);
            close({code, reason});
        } else if (path_ == "/vanish") {
            peer_.next_layer().close();
        } else if (path_ == "/streamed" || in_parts) {
            const std::size_t third = message.size() / 3;
            peer_.text(peer_.got_text());
            peer_.write_some(false, asio::buffer(message.data(), third));
            peer_.write_some(false, asio::buffer(message.data() + third, third));
            peer_.write_some(true,
                             asio::buffer(message.data() + 2 * third, message.size() - 2 * third));
        } else if (path_ == "/ping" && message.starts_with("ping ")) {
            peer_.ping(websocket::ping_data(message.data() + 5, message.size() - 5));
        }
    }

    websocket::stream<tcp::socket, true> peer_;
    beast::flat_buffer buffer_;
    request_type request_;
    std::string path_;
    std::string tag_;
    std::string protocol_;
    std::string agreed_;
};

void attend(tcp::socket socket) {
    try {
        socket.set_option(tcp::no_delay(true));
        connection(std::move(socket)).attend();
    } catch (const std::exception& trouble) {
        std::fprintf(stderr, "beast: %s\n", trouble.what());
    }
}

}  // namespace

int main() {
    std::signal(SIGTERM, [](int) { std::_Exit(0); });
    asio::io_context context;
    tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), 0});
    std::printf("listening on %u\n", static_cast<unsigned>(acceptor.local_endpoint().port()));
    std::fflush(stdout);
    for (;;) {
        std::thread(attend, acceptor.accept()).detach();
    }
}

// SPDX-License-Identifier: MIT
// listener.cpp — see listener.hpp.
#include <cerrno>
#include <utility>

#include <plainsong/net/listener.hpp>
#include <plainsong/net/sys.hpp>

namespace plainsong {

namespace {

/// How long the listener looks away when accept can't go on: often enough that a descriptor that
/// becomes free is used within 100 ms, seldom enough to wake the process fewer than 20 times a
/// second.
constexpr duration pause_length = std::chrono::milliseconds{60};

enum class trouble { nothing_waits, connection, out_of_descriptors, exhausted, broken };

/// What an errno of accept is about (Linux, accept(2): errors of the new connection come here too).
trouble judge(int number) {
    switch (number) {
        case EAGAIN:
#if EWOULDBLOCK != EAGAIN
        case EWOULDBLOCK:
#endif
            return trouble::nothing_waits;
        case ECONNABORTED:
        case EPROTO:
        case EPERM:
        case ENETDOWN:
        case ENETUNREACH:
        case EHOSTDOWN:
        case EHOSTUNREACH:
        case EOPNOTSUPP:
        case ENOPROTOOPT:
        case ETIMEDOUT:
#ifdef ENONET
        case ENONET:
#endif
            return trouble::connection;
        case EMFILE:
        case ENFILE:
            return trouble::out_of_descriptors;
        case EBADF:
        case ENOTSOCK:
        case EINVAL:
            return trouble::broken;
        default:  // ENOBUFS, ENOMEM, and what nobody has thought of: it may pass
            return trouble::exhausted;
    }
}

/// A path at which a socket lies that nobody listens to any more.
bool is_stale(const address& where) {
    result<sys::file_identity> found = sys::identify(where.host_text().c_str());
    if (!found || !found->is_socket) {
        return false;
    }
    result<fd> tried = sys::connect(where);
    return !tried && tried.why().number() == ECONNREFUSED;
}

}  // namespace

error listener::listen(const address& where, listener_options options,
                       callback<void(stream, const address&)> on_accept,
                       callback<void(error)> on_failure) {
    if (descriptor_ >= 0) {
        return error_code::invalid_state;
    }
    const bool has_path = where.family() == address_family::unix_path;
    if (has_path && options.remove_stale_socket && is_stale(where)) {
        if (auto why = sys::remove_file(where.host_text().c_str())) {
            return why;
        }
    }
    result<fd> opened = sys::listen(where, {.backlog = options.backlog,
                                            .reuse_port = options.reuse_port,
                                            .user_timeout = options.user_timeout});
    if (!opened) {
        return opened.why();
    }
    if (has_path) {
        remember_path(where);
    }
    if (auto why = begin(std::move(*opened), where)) {
        remove_path();
        return why;
    }
    options_ = options;
    on_accept_ = std::move(on_accept);
    on_failure_ = std::move(on_failure);
    return {};
}

error listener::begin(fd socket, const address& where) {
    result<address> here = where.family() == address_family::unix_path
                               ? result<address>{where}
                               : sys::bound_address(socket.number());
    if (!here) {
        return here.why();
    }
    result<watch_token> watched = loop_.watch(socket.number(), interest::read, *this);
    if (!watched) {
        return watched.why();
    }
    bound_ = *here;
    token_ = *watched;
    descriptor_ = socket.release();
    reserve_ = sys::open_reserve().release();
    last_error_ = {};
    return {};
}

void listener::close() {
    if (descriptor_ < 0) {
        return;
    }
    loop_.unwatch(token_);
    loop_.cancel(*this);
    remove_path();
    fd{std::exchange(descriptor_, -1)}.reset();
    fd{std::exchange(reserve_, -1)}.reset();
    bound_ = {};
    paused_ = false;
}

void listener::accept_batch() {
    const bool goes_on = accept_waiting();
    if (descriptor_ < 0) {
        return;  // closed by a callback
    }
    if (!goes_on) {
        pause();
    } else if (paused_) {
        paused_ = static_cast<bool>(loop_.change(token_, interest::read));
    }
}

/// Returns: false if there is no use in trying again soon.
bool listener::accept_waiting() {
    for (std::uint32_t i = 0; i < options_.accepts_per_turn && descriptor_ >= 0; ++i) {
        address peer;
        result<fd> accepted = sys::accept(descriptor_, peer);
        if (accepted) {
            on_accept_(tcp_stream(accepted->release()), peer);
            continue;
        }
        const trouble what = judge(accepted.why().number());
        if (what == trouble::nothing_waits) {
            break;
        }
        last_error_ = accepted.why();
        if (what == trouble::broken) {
            fail(accepted.why());
            break;
        }
        if (what != trouble::connection) {
            if (what == trouble::out_of_descriptors) {
                refuse_waiting();
            }
            return false;
        }
    }
    return true;
}

/// Gives the reserve up for a moment, so that those who wait learn at once that they do in vain.
void listener::refuse_waiting() {
    if (!options_.shed_when_exhausted || reserve_ < 0) {
        return;
    }
    fd{std::exchange(reserve_, -1)}.reset();
    for (std::uint32_t i = 0; i < options_.accepts_per_turn; ++i) {
        address peer;
        if (!sys::accept(descriptor_, peer)) {
            break;
        }
        ++shed_;
    }
    reserve_ = sys::open_reserve().release();
}

/// When the time is over, accept is tried without asking the poller: one wake-up for each pause.
void listener::pause() {
    if (!paused_) {
        paused_ = !loop_.change(token_, interest::none);
    }
    loop_.arm(*this, loop_.now() + pause_length);
}

/// The listening socket is no such thing any more.
void listener::fail(error why) {
    if (why.number() == EBADF || why.number() == ENOTSOCK) {
        loop_.unwatch(token_);
        descriptor_ = -1;  // the number may be someone else's by now: it is not closed
        fd{std::exchange(reserve_, -1)}.reset();
        loop_.cancel(*this);
        remove_path();
        bound_ = {};
        paused_ = false;
    } else {
        close();
    }
    callback<void(error)> report = std::move(on_failure_);
    if (report) {
        report(why);
    }
}

void listener::remember_path(const address& where) {
    creator_ = sys::process_id();
    result<sys::file_identity> made = sys::identify(where.host_text().c_str());
    path_identity_[0] = made ? made->device : 0;
    path_identity_[1] = made ? made->inode : 0;
    path_ = made ? where : address{};
}

/// Removes the path if it still names the socket that this listener, in this process, made.
void listener::remove_path() {
    const address_text path = std::exchange(path_, address{}).host_text();
    if (path.view().empty() || creator_ != sys::process_id()) {
        return;
    }
    result<sys::file_identity> found = sys::identify(path.c_str());
    if (found && found->device == path_identity_[0] && found->inode == path_identity_[1]) {
        static_cast<void>(sys::remove_file(path.c_str()));  // nobody is left to hear of trouble
    }
}

}  // namespace plainsong

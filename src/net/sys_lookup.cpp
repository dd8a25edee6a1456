// SPDX-License-Identifier: MIT
// sys_lookup.cpp — see sys_lookup.hpp.
#include "src/net/sys_lookup.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <charconv>

#include "src/net/sys_calls.hpp"

namespace plainsong::sys {

namespace {

error judge(int number) {
    switch (number) {
        case EAI_SYSTEM:
            return last_error();
        case EAI_NONAME:
#ifdef EAI_NODATA
#if EAI_NODATA != EAI_NONAME
        case EAI_NODATA:
#endif
#endif
#ifdef EAI_ADDRFAMILY
        case EAI_ADDRFAMILY:
#endif
            return {error_code::name_not_found, number};
        default:
            return {error_code::name_lookup_failed, number};
    }
}

}  // namespace

error look_up(const char* host, std::uint16_t port, std::vector<address>& into) {
    char service[8] = {};
    std::to_chars(service, service + sizeof service - 1, port);
    // Not AI_ADDRCONFIG: it hides addresses by what interfaces this machine has at the moment, and
    // those that cannot be reached fail at once when they are tried.
    addrinfo wanted{};
    wanted.ai_flags = AI_NUMERICSERV;
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_protocol = IPPROTO_TCP;
    addrinfo* found = nullptr;
    if (const int number = ::getaddrinfo(host, service, &wanted, &found); number != 0) {
        return judge(number);
    }
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        const address made = address::from_native(each->ai_addr, each->ai_addrlen);
        if (made) {
            into.push_back(made);
        }
    }
    if (found != nullptr) {
        ::freeaddrinfo(found);
    }
    return {};
}

error start_thread(thread& into, void* (*body)(void*), void* argument) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);  // a thread inherits the mask of its maker
    const int number = ::pthread_create(&into, nullptr, body, argument);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return number == 0 ? error{} : error{error_code::system_call_failed, number};
}

void join_thread(thread which) {
    ::pthread_join(which, nullptr);
}

}  // namespace plainsong::sys

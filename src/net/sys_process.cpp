// SPDX-License-Identifier: MIT
// sys_process.cpp — waking, random bytes, memory, files, processes and threads of sys.hpp.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include <plainsong/base/contract.hpp>
#include <plainsong/net/sys.hpp>

#include "src/net/sys_calls.hpp"

#ifdef __linux__
#include <sys/eventfd.h>
#include <sys/random.h>
#endif

namespace plainsong::sys {

// ---- waking a thread that waits -----------------------------------------------------------------

result<wake_channel> open_wake_channel() {
    wake_channel channel;
#ifdef __linux__
    channel.read = fd{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    if (!channel.read) {
        return last_error();
    }
#else
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) {
        return last_error();
    }
    channel.read = fd{ends[0]};
    channel.write_end = fd{ends[1]};
    for (const int end : ends) {
        if (::fcntl(end, F_SETFD, FD_CLOEXEC) != 0 || ::fcntl(end, F_SETFL, O_NONBLOCK) != 0) {
            return last_error();
        }
    }
#endif
    return channel;
}

void wake(int write_descriptor) {
    const int kept = errno;
    const std::uint64_t one = 1;
    // Full means that the reader will wake anyway.
    uninterrupted([&] { return ::write(write_descriptor, &one, sizeof one); });
    errno = kept;
}

void drain_wakes(int read_descriptor) {
    std::uint64_t wakes[32];
    uninterrupted([&] { return ::read(read_descriptor, wakes, sizeof wakes); });
}

// ---- random bytes and memory --------------------------------------------------------------------

#ifdef __linux__

namespace {

error no_entropy(int number) {
    return {error_code::no_entropy, number};
}

/// For kernels and sandboxes without getrandom.
error read_urandom(byte_span into) {
    fd source{uninterrupted([] { return ::open("/dev/urandom", O_RDONLY | O_CLOEXEC); })};
    if (!source) {
        return no_entropy(errno);
    }
    while (!into.empty()) {
        const ssize_t count =
            uninterrupted([&] { return ::read(source.number(), into.data(), into.size()); });
        if (count <= 0 || static_cast<std::size_t>(count) > into.size()) {
            return no_entropy(count < 0 ? errno : EIO);
        }
        into = into.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

}  // namespace

error random_bytes(byte_span into) {
    while (!into.empty()) {
        const ssize_t count =
            uninterrupted([&] { return ::getrandom(into.data(), into.size(), 0); });
        if (count < 0 && errno == ENOSYS) {
            return read_urandom(into);
        }
        if (count <= 0 || static_cast<std::size_t>(count) > into.size()) {
            return no_entropy(count < 0 ? errno : EIO);
        }
        into = into.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

#else

error random_bytes(byte_span into) {
    ::arc4random_buf(into.data(), into.size());
    return {};
}

#endif

void* map_page(std::size_t bytes, bool& wiped_on_fork) {
    void* page = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    wiped_on_fork = false;
    if (page == MAP_FAILED) {
        return nullptr;
    }
#ifdef MADV_WIPEONFORK
    wiped_on_fork = ::madvise(page, bytes, MADV_WIPEONFORK) == 0;
#endif
    return page;
}

void unmap_page(void* page, std::size_t bytes) {
    ::munmap(page, bytes);
}

// ---- files, processes, threads ------------------------------------------------------------------

result<file_identity> identify(const char* path) {
    struct stat found {};
    if (::lstat(path, &found) != 0) {
        return last_error();
    }
    return file_identity{static_cast<std::uint64_t>(found.st_dev),
                         static_cast<std::uint64_t>(found.st_ino), S_ISSOCK(found.st_mode)};
}

error remove_file(const char* path) {
    return ::unlink(path) == 0 ? error{} : last_error();
}

result<fd> open_file(const char* path) {
    // Without O_NONBLOCK a pipe that nobody writes to would hold up the whole loop.
    fd file{
        uninterrupted([&] { return ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); })};
    struct stat found {};
    if (!file || ::fstat(file.number(), &found) != 0) {
        return last_error();
    }
    if (!S_ISREG(found.st_mode)) {
        return error{error_code::not_a_file};
    }
    return file;
}

result<std::uint64_t> file_size(int file) {
    struct stat found {};
    if (::fstat(file, &found) != 0) {
        return last_error();
    }
    return static_cast<std::uint64_t>(found.st_size);
}

io_result read_at(int file, byte_span into, std::uint64_t offset) {
    PLAINSONG_REQUIRE(!into.empty());
    const ssize_t count = uninterrupted(
        [&] { return ::pread(file, into.data(), into.size(), static_cast<off_t>(offset)); });
    if (count < 0) {
        return {io_result::kind::failed, errno, 0};
    }
    const auto size = static_cast<std::size_t>(count);
    return {size == 0 ? io_result::kind::end : io_result::kind::done, 0, size};
}

fd open_reserve() {
    return fd{uninterrupted([] { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); })};
}

int process_id() {
    return ::getpid();
}

void thread_name(std::span<char> into) {
    if (!into.empty() && ::pthread_getname_np(::pthread_self(), into.data(), into.size()) != 0) {
        into[0] = '\0';
    }
}

}  // namespace plainsong::sys

// SPDX-License-Identifier: MIT
// mailbox.hpp — functions on their way to a loop's thread.
//
// Does: take functions from any thread while it is open; run them in order on the loop's.  What was
// taken is run exactly once.  Does not: wake the loop.
// Used by: net/loop.  Depends on: net/callback.
#ifndef PLAINSONG_NET_MAILBOX_HPP
#define PLAINSONG_NET_MAILBOX_HPP

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include <plainsong/net/callback.hpp>

namespace plainsong {

class mailbox {
public:
    enum class outcome { refused, first, queued };

    /// Returns: `first` if the box was empty, so that its owner has to be woken.  Thread-safe.
    outcome post(callback<void()>&& function) {
        const std::lock_guard lock{mutex_};
        if (!open_) {
            return outcome::refused;
        }
        waiting_.push_back(std::move(function));
        return has_mail_.exchange(true, std::memory_order_release) ? outcome::queued
                                                                   : outcome::first;
    }

    /// Thread-safe.
    [[nodiscard]] bool has_mail() const { return has_mail_.load(std::memory_order_acquire); }

    void open() {
        const std::lock_guard lock{mutex_};
        open_ = true;
    }

    /// Runs what is there now; what those functions post comes the next time.
    void run() { run_taken(false); }

    /// Refuses from now on; runs what was taken before.
    void close_and_run() { run_taken(true); }

private:
    void run_taken(bool closes) {
        {
            const std::lock_guard lock{mutex_};
            open_ = open_ && !closes;
            running_.swap(waiting_);
            has_mail_.store(false, std::memory_order_release);
        }
        for (callback<void()>& function : running_) {
            function();
            function.reset();  // what it owns dies here, not when others have run
        }
        running_.clear();
    }

    std::mutex mutex_;
    std::vector<callback<void()>> waiting_;  // the two swap, so that neither allocates in the end
    std::vector<callback<void()>> running_;
    std::atomic<bool> has_mail_ = false;
    bool open_ = true;
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_MAILBOX_HPP

// SPDX-License-Identifier: MIT
// Names looked up on other threads, the same on every poller.
//
// What is asked is a function of the test: it answers at once, or holds its thread until the test
// lets it go.
#include <plainsong/net/resolver.hpp>

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/net_fixtures.hpp"
#include "tests/support/pollers.hpp"

namespace plainsong {
namespace {

using namespace std::chrono_literals;
using tests::turn_until;

address numbered(int number) {
    return *address::parse(
        "192.0." + std::to_string(number / 250) + '.' + std::to_string(1 + number % 250), 80);
}

/// The names of a test's own system.  Names that begin with "slow" wait until they are released.
class directory {
public:
    directory() { current = this; }
    ~directory() { current = nullptr; }
    directory(const directory&) = delete;
    directory& operator=(const directory&) = delete;

    static error look_up(const char* host, std::uint16_t port, std::vector<address>& into) {
        return current->answer(host, port, into);
    }

    void release() {
        const std::lock_guard lock{mutex_};
        released_ = true;
        changed_.notify_all();
    }
    /// Blocks until `count` lookups have begun.
    [[nodiscard]] bool await_begun(std::size_t count) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, tests::patience, [&] { return begun_.size() >= count; });
    }
    /// Blocks until no lookup is under way.
    [[nodiscard]] bool await_idle() {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, tests::patience, [&] { return under_way_ == 0; });
    }
    [[nodiscard]] std::vector<std::string> begun() {
        const std::lock_guard lock{mutex_};
        return begun_;
    }
    [[nodiscard]] std::size_t threads() {
        const std::lock_guard lock{mutex_};
        return threads_.size();
    }
    [[nodiscard]] int under_way() {
        const std::lock_guard lock{mutex_};
        return under_way_;
    }

private:
    error answer(const std::string& host, std::uint16_t port, std::vector<address>& into) {
        std::unique_lock lock{mutex_};
        begun_.push_back(host);
        threads_.insert(std::this_thread::get_id());
        ++under_way_;
        changed_.notify_all();
        if (host.starts_with("slow")) {
            changed_.wait(lock, [&] { return released_; });
        }
        --under_way_;
        changed_.notify_all();
        if (host == "none") {
            return {error_code::name_not_found, 7};
        }
        if (host == "broken") {
            return {error_code::name_lookup_failed, 8};
        }
        if (host == "empty") {
            return {};
        }
        const bool twice = host == "twice";
        for (int i = 0; i < (host == "many" ? 1000 : 3); ++i) {
            into.push_back(numbered(twice ? i % 2 : i));
        }
        if (host == "mixed") {
            into.push_back(*address::parse("2001:db8::1", port));
        }
        return {};
    }

    static directory* current;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> begun_;
    std::set<std::thread::id> threads_;
    int under_way_ = 0;
    bool released_ = false;
};

directory* directory::current = nullptr;

class ResolverOnThreads : public ::testing::TestWithParam<tests::poller_choice> {
protected:
    ~ResolverOnThreads() override {
        names_.release();
        resolver_.reset();
        EXPECT_EQ(names_.under_way(), 0);  // the threads have been waited for
        EXPECT_EQ(tests::open_descriptors(), descriptors_);
    }

    static resolver_options asking_here() { return {.look_up = directory::look_up}; }

    resolver::ticket ask(const std::string& host) {
        const std::size_t before = outcomes_.size();
        const resolver::ticket ticket =
            resolver_->resolve(host, 80, [this, host](resolve_outcome outcome) {
                EXPECT_EQ(std::this_thread::get_id(), here_);
                order_.push_back(host);
                outcomes_.emplace(host, std::move(outcome));
            });
        EXPECT_NE(ticket, 0U);
        EXPECT_EQ(outcomes_.size(), before);  // never inside the call
        return ticket;
    }
    bool answered(std::size_t count) {
        return turn_until(loop_, [&] { return order_.size() >= count; }) && order_.size() == count;
    }
    resolve_outcome& outcome(const std::string& host) {
        EXPECT_TRUE(answered(order_.size() + (outcomes_.count(host) == 0 ? 1 : 0)));
        return outcomes_[host];
    }
    std::string texts(const std::string& host) {
        std::string text;
        for (const address& each : outcome(host).addresses) {
            text += text.empty() ? "" : " ";
            text += each.text().view();
        }
        return text;
    }

    directory names_;
    loop loop_{GetParam().options};
    std::size_t descriptors_ = tests::open_descriptors();
    std::unique_ptr<resolver> resolver_ = std::make_unique<system_resolver>(loop_, asking_here());
    std::thread::id here_ = std::this_thread::get_id();
    std::map<std::string, resolve_outcome> outcomes_;
    std::vector<std::string> order_;
};

INSTANTIATE_TEST_SUITE_P(EveryPoller, ResolverOnThreads, tests::every_poller(),
                         tests::poller_name{});

// ---- answers ------------------------------------------------------------------------------------

TEST_P(ResolverOnThreads, GivesTheAddressesOfANameInOrder) {
    ask("plain");
    EXPECT_EQ(texts("plain"), "192.0.0.1:80 192.0.0.2:80 192.0.0.3:80");
    EXPECT_FALSE(outcome("plain").why);
    ask("mixed");
    EXPECT_EQ(texts("mixed"), "192.0.0.1:80 192.0.0.2:80 192.0.0.3:80 [2001:db8::1]:80");
}

TEST_P(ResolverOnThreads, LeavesOutRepetitions) {
    ask("twice");
    EXPECT_EQ(texts("twice"), "192.0.0.1:80 192.0.0.2:80");
}

TEST_P(ResolverOnThreads, CutsAThousandAddressesToItsLimit) {
    ask("many");
    EXPECT_EQ(outcome("many").addresses.size(), 64U);
    EXPECT_EQ(outcome("many").addresses.back(), numbered(63));
}

TEST_P(ResolverOnThreads, SaysWhyThereIsNoAddress) {
    ask("none");
    EXPECT_EQ(outcome("none").why, (error{error_code::name_not_found, 7}));
    ask("broken");
    EXPECT_EQ(outcome("broken").why, (error{error_code::name_lookup_failed, 8}));
    ask("empty");
    EXPECT_EQ(outcome("empty").why, error{error_code::name_not_found});
    for (const auto& [host, outcome] : outcomes_) {
        EXPECT_TRUE(outcome.addresses.empty()) << host;
    }
}

TEST_P(ResolverOnThreads, AsksNobodyWhatItKnows) {
    for (const char* host : {"127.0.0.1", "[::1]", "localhost", "song.localhost."}) {
        ask(host);
        EXPECT_FALSE(outcome(host).why) << host;
    }
    EXPECT_EQ(texts("localhost"), "[::1]:80 127.0.0.1:80");
    EXPECT_TRUE(names_.begun().empty());
    EXPECT_EQ(tests::open_descriptors(), descriptors_);
}

TEST_P(ResolverOnThreads, AsksNobodyWhatIsNoName) {
    for (const std::string& host :
         {std::string{}, std::string("plain\0song", 10), std::string("plain song"),
          std::string("[::1"), std::string("plain\x7f"), std::string(255, 'a')}) {
        ask(host);
        EXPECT_EQ(outcome(host).why, error{error_code::name_not_found}) << host;
    }
    EXPECT_TRUE(names_.begun().empty());
    const std::string longest(254, 'a');
    ask(longest);
    EXPECT_FALSE(outcome(longest).why);
    EXPECT_EQ(names_.begun(), std::vector{longest});
}

// ---- threads ------------------------------------------------------------------------------------

TEST_P(ResolverOnThreads, UsesOneThreadForWhatComesOneByOne) {
    for (int i = 0; i < 20; ++i) {
        ask("name" + std::to_string(i));
        ASSERT_TRUE(answered(order_.size() + 1));
    }
    EXPECT_EQ(names_.threads(), 1U);
}

TEST_P(ResolverOnThreads, LooksUpNoMoreAtOnceThanItMay) {
    for (int i = 0; i < 20; ++i) {
        ask("slow" + std::to_string(i));
    }
    ASSERT_TRUE(names_.await_begun(4));
    ASSERT_FALSE(loop_.turn(0s));
    EXPECT_EQ(names_.begun().size(), 4U);
    EXPECT_TRUE(order_.empty());
    names_.release();
    EXPECT_TRUE(answered(20));
    EXPECT_EQ(names_.threads(), 4U);
}

TEST_P(ResolverOnThreads, LooksUpInTheOrderOfTheQuestions) {
    resolver_options one_by_one = asking_here();
    one_by_one.lookups_at_once = 1;
    resolver_ = std::make_unique<system_resolver>(loop_, one_by_one);
    const std::vector<std::string> hosts = {"slow", "e", "d", "f", "c"};
    for (const std::string& host : hosts) {
        ask(host);
    }
    names_.release();
    EXPECT_TRUE(answered(hosts.size()));
    EXPECT_EQ(names_.begun(), hosts);
    EXPECT_EQ(order_, hosts);
}

TEST_P(ResolverOnThreads, AnswersOthersWhileOneNameTakesItsTime) {
    ask("slow");
    ASSERT_TRUE(names_.await_begun(1));
    ask("plain");
    EXPECT_TRUE(answered(1));
    EXPECT_EQ(order_, std::vector<std::string>{"plain"});
    names_.release();
    EXPECT_TRUE(answered(2));
}

TEST_P(ResolverOnThreads, KeepsAnAnswerThatComesBetweenTwoRunsOfTheLoop) {
    ask("slow");
    ASSERT_TRUE(loop_.post([&] { loop_.stop(); }));
    EXPECT_EQ(loop_.run(), 0);
    EXPECT_FALSE(loop_.post([] {}));
    names_.release();
    ASSERT_TRUE(names_.await_idle());
    EXPECT_TRUE(answered(1));
}

// ---- cancelling ---------------------------------------------------------------------------------

TEST_P(ResolverOnThreads, CancelsABlockedLookupAtOnceWhileTheLoopGoesOn) {
    const resolver::ticket slow = ask("slow");
    ASSERT_TRUE(names_.await_begun(1));
    resolver_->cancel(slow);
    resolver_->cancel(slow);
    ask("plain");
    EXPECT_TRUE(answered(1));
    EXPECT_EQ(names_.under_way(), 1);  // it still hangs, and nobody cares
    names_.release();
    ask("after");
    EXPECT_TRUE(answered(2));
    EXPECT_EQ(outcomes_.count("slow"), 0U);
}

TEST_P(ResolverOnThreads, DropsTheCallbackOfWhatIsCancelled) {
    const auto owned = std::make_shared<int>(1);
    const auto keep = [owned](const resolve_outcome&) { FAIL(); };
    for (const char* host : {"slow", "slow2", "slow3", "slow4", "waiting", "127.0.0.1"}) {
        const resolver::ticket ticket = resolver_->resolve(host, 80, keep);
        EXPECT_EQ(owned.use_count(), 3);
        resolver_->cancel(ticket);
        EXPECT_EQ(owned.use_count(), 2);
    }
    ASSERT_FALSE(loop_.turn(0s));
    names_.release();
    ask("after");
    EXPECT_TRUE(answered(1));
}

TEST_P(ResolverOnThreads, NeverBeginsWhatIsCancelledInTheQueue) {
    for (const char* host : {"slow1", "slow2", "slow3", "slow4"}) {
        ask(host);
    }
    ASSERT_TRUE(names_.await_begun(4));
    const resolver::ticket first = ask("first");
    ask("second");
    resolver_->cancel(first);
    names_.release();
    EXPECT_TRUE(answered(5));
    EXPECT_EQ(outcomes_.count("first"), 0U);
    EXPECT_EQ(names_.begun().size(), 5U);
}

TEST_P(ResolverOnThreads, TakesAnyTicketThatNamesNothing) {
    resolver_->cancel(0);
    resolver_->cancel(12345);
    const resolver::ticket plain = ask("plain");
    EXPECT_TRUE(answered(1));
    resolver_->cancel(plain);
}

TEST_P(ResolverOnThreads, MayBeCancelledInACallback) {
    std::vector<resolver::ticket> others;
    int calls = 0;
    for (int i = 0; i < 3; ++i) {
        others.push_back(resolver_->resolve("127.0.0.1", 80, [&](const resolve_outcome&) {
            ++calls;
            for (const resolver::ticket each : others) {
                resolver_->cancel(each);
            }
        }));
    }
    ask("plain");
    EXPECT_TRUE(answered(1));
    EXPECT_EQ(calls, 1);
}

TEST_P(ResolverOnThreads, MayBeAskedAgainInACallback) {
    resolver_->resolve("127.0.0.1", 80, [&](const resolve_outcome&) {
        ask("127.0.0.2");
        ask("plain");
    });
    EXPECT_TRUE(answered(2));
}

TEST_P(ResolverOnThreads, MayBeDestroyedInACallback) {
    for (const char* host : {"127.0.0.1", "plain"}) {
        int calls = 0;
        for (int i = 0; i < 3; ++i) {
            resolver_->resolve(host, 80, [&](const resolve_outcome&) {
                ++calls;
                resolver_ = std::make_unique<system_resolver>(loop_, asking_here());
            });
        }
        ASSERT_TRUE(turn_until(loop_, [&] { return calls > 0; }));
        ASSERT_FALSE(loop_.turn(0s));
        EXPECT_EQ(calls, 1) << host;
    }
}

TEST_P(ResolverOnThreads, WaitsForItsThreadsWhenItIsDestroyed) {
    const auto owned = std::make_shared<int>(1);
    for (int i = 0; i < 10; ++i) {
        resolver_->resolve("slow" + std::to_string(i), 80,
                           [owned](const resolve_outcome&) { FAIL(); });
    }
    ASSERT_TRUE(names_.await_begun(4));
    std::thread helper{[&] { names_.release(); }};
    resolver_.reset();
    EXPECT_EQ(names_.under_way(), 0);
    EXPECT_EQ(owned.use_count(), 1);
    EXPECT_EQ(tests::open_descriptors(), descriptors_);
    helper.join();
}

TEST_P(ResolverOnThreads, ForgetsItsCallbacksBeforeWhatTheyOwnCanComeBack) {
    struct meddler {
        resolver* its = nullptr;
        resolver::ticket ticket = 0;
        ~meddler() { its->cancel(ticket); }
    };
    auto owned = std::make_shared<meddler>();
    owned->its = resolver_.get();
    const std::weak_ptr<meddler> seen = owned;
    owned->ticket = resolver_->resolve("slow", 80, [owned](const resolve_outcome&) { FAIL(); });
    owned.reset();
    names_.release();
    resolver_.reset();
    EXPECT_TRUE(seen.expired());
}

// ---- the system's own ---------------------------------------------------------------------------

TEST_P(ResolverOnThreads, AsksTheSystemIfNothingElseIsSaid) {
    // Numeric in a way that the system understands and an address does not, so that nobody is asked.
    resolver_ = std::make_unique<system_resolver>(loop_);
    ask("127.1");
    EXPECT_EQ(texts("127.1"), "127.0.0.1:80");
}

}  // namespace
}  // namespace plainsong

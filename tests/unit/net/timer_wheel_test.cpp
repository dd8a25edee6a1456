// SPDX-License-Identifier: MIT
// timer_wheel_test.cpp — tests of net/timer_wheel, most of them against a multimap.
#include "src/net/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace plainsong {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000s};

struct numbered_node : timer_node {
    std::size_t number = 0;
};

/// Fires as the loop does.  Returns: the numbers of the nodes, in order.
std::vector<std::size_t> fire(timer_wheel& wheel, time_point now) {
    timer_wheel::expired_list expired;
    wheel.collect(now, expired);
    std::vector<std::size_t> numbers;
    while (!expired.empty()) {
        auto& node = static_cast<numbered_node&>(expired.front());
        timer_wheel::cancel(node);
        numbers.push_back(node.number);
    }
    return numbers;
}

std::int64_t tick_of(time_point time) {
    return time.time_since_epoch().count() >> timer_wheel::tick_bits;
}

TEST(TimerWheel, IsDueAtItsNanosecondAndNotBefore) {
    for (const duration wait :
         {duration{1}, duration{262'143}, duration{262'144}, duration{262'145}, duration{1ms},
          duration{60ms}, duration{30s}, duration{24h}}) {
        timer_wheel wheel{start};
        numbered_node node;
        wheel.arm(node, start + wait);
        EXPECT_EQ(wheel.next_due(), start + wait);
        EXPECT_TRUE(fire(wheel, start + wait - duration{1}).empty()) << wait.count();
        EXPECT_EQ(fire(wheel, start + wait).size(), 1U) << wait.count();
        EXPECT_EQ(wheel.next_due(), never);
        EXPECT_EQ(node.due(), never);
    }
}

TEST(TimerWheel, IsDueAtOnceForATimeThatHasPassed) {
    timer_wheel wheel{start};
    numbered_node past;
    numbered_node present;
    numbered_node longest_past;
    wheel.arm(past, start - 1h);
    wheel.arm(present, start);
    wheel.arm(longest_past, time_point::min() + duration{1});
    EXPECT_LE(wheel.next_due(), start);
    EXPECT_EQ(fire(wheel, start).size(), 3U);
}

TEST(TimerWheel, ReachesAsFarAsTimeDoes) {
    timer_wheel wheel{start};
    numbered_node farthest;
    numbered_node near;
    near.number = 1;
    wheel.arm(farthest, never - duration{1});
    wheel.arm(near, start + 1s);
    EXPECT_EQ(fire(wheel, start + 1s), std::vector<std::size_t>{1});
    EXPECT_TRUE(fire(wheel, never - duration{2}).empty());
    EXPECT_EQ(fire(wheel, never - duration{1}), std::vector<std::size_t>{0});
}

TEST(TimerWheel, FiresEachOnceWhenTheClockJumps) {
    timer_wheel wheel{start};
    std::vector<numbered_node> nodes(5000);
    std::mt19937 random{1};
    for (numbered_node& node : nodes) {
        wheel.arm(node, start + std::chrono::microseconds{random() % 3'600'000'000U});
    }
    EXPECT_EQ(fire(wheel, start + 1h).size(), nodes.size());
    EXPECT_TRUE(fire(wheel, start + 2h).empty());
}

TEST(TimerWheel, FindsNothingNewWhenTheClockGoesBack) {
    timer_wheel wheel{start};
    numbered_node node;
    EXPECT_TRUE(fire(wheel, start + 1h).empty());
    wheel.arm(node, start + 1h + 1s);
    EXPECT_TRUE(fire(wheel, start - 1h).empty());
    EXPECT_TRUE(fire(wheel, start + 1h).empty());
    EXPECT_EQ(fire(wheel, start + 1h + 1s).size(), 1U);
}

TEST(TimerWheel, ForgetsANodeThatDies) {
    timer_wheel wheel{start};
    auto node = std::make_unique<numbered_node>();
    wheel.arm(*node, start + 1s);
    node.reset();
    EXPECT_TRUE(fire(wheel, start + 1s).empty());
    EXPECT_EQ(wheel.next_due(), never);
}

TEST(TimerWheel, LetsAnExpiredNodeBeCancelledOrArmedAgainBeforeItsTurn) {
    timer_wheel wheel{start};
    std::vector<numbered_node> nodes(3);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].number = i;
        wheel.arm(nodes[i], start + 1s);
    }
    timer_wheel::expired_list expired;
    wheel.collect(start + 1s, expired);
    timer_wheel::cancel(nodes[0]);
    wheel.arm(nodes[1], start + 2s);
    ASSERT_FALSE(expired.empty());
    EXPECT_EQ(&expired.front(), &nodes[2]);
    timer_wheel::cancel(nodes[2]);
    EXPECT_TRUE(expired.empty());
    EXPECT_EQ(fire(wheel, start + 2s), std::vector<std::size_t>{1});
}

TEST(TimerWheel, FiresAMillionOfOneTickInTheOrderOfArming) {
    timer_wheel wheel{start};
    std::vector<numbered_node> nodes(1'000'000);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].number = i;
        wheel.arm(nodes[i], start + 20s);
    }
    EXPECT_LE(wheel.next_due(), start + 20s);
    EXPECT_TRUE(fire(wheel, start + 20s - duration{1}).empty());
    const std::vector<std::size_t> order = fire(wheel, start + 20s);
    ASSERT_EQ(order.size(), nodes.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        ASSERT_EQ(order[i], i);
    }
}

// A loop that sleeps until next_due() must neither oversleep nor wake for nothing again and again.
TEST(TimerWheel, WakesALoopOnceForALoneTimer) {
    for (const duration wait : {duration{1ms}, duration{60ms}, duration{30s}, duration{10h}}) {
        timer_wheel wheel{start};
        numbered_node node;
        wheel.arm(node, start + wait);
        int wakes = 0;
        for (std::size_t fired = 0; fired == 0; ++wakes) {
            fired = fire(wheel, wheel.next_due()).size();
        }
        EXPECT_EQ(wakes, 1) << wait.count();
    }
}

TEST(TimerWheel, WakesALoopAFewTimesForManyTimers) {
    timer_wheel wheel{start};
    std::vector<numbered_node> nodes(10'000);
    for (numbered_node& node : nodes) {
        wheel.arm(node, start + 10h);
    }
    int wakes = 0;
    for (std::size_t fired = 0; fired < nodes.size(); ++wakes) {
        fired += fire(wheel, wheel.next_due()).size();
    }
    EXPECT_LE(wakes, 8);
}

/// The oracle: by tick, and within a tick by order of arming.
class oracle {
public:
    explicit oracle(std::size_t size) : places_(size, armed_.end()) {}

    void arm(std::size_t number, time_point due, time_point wheel_time) {
        cancel(number);
        const std::int64_t tick = std::max(tick_of(due), tick_of(wheel_time));
        places_[number] = armed_.emplace(tick, entry{number, due});
    }
    void cancel(std::size_t number) {
        if (places_[number] != armed_.end()) {
            armed_.erase(places_[number]);
            places_[number] = armed_.end();
        }
    }
    std::vector<std::size_t> fire(time_point now, time_point wheel_time) {
        std::vector<std::size_t> numbers;
        const std::int64_t last = tick_of(std::max(now, wheel_time));
        for (auto next = armed_.begin(); next != armed_.end() && next->first <= last;) {
            const entry found = next->second;
            ++next;
            if (found.due <= now) {
                numbers.push_back(found.number);
                cancel(found.number);
            }
        }
        return numbers;
    }
    [[nodiscard]] time_point first_due() const {
        time_point first = never;
        for (auto it = armed_.begin(); it != armed_.end() && it->first <= armed_.begin()->first;
             ++it) {
            first = std::min(first, it->second.due);
        }
        return first;
    }

private:
    struct entry {
        std::size_t number;
        time_point due;
    };
    std::multimap<std::int64_t, entry> armed_;
    std::vector<std::multimap<std::int64_t, entry>::iterator> places_;
};

duration random_wait(std::mt19937_64& random) {
    // Each order of magnitude as often as any other, up to months, and now and then the past.
    const auto bits = random() % 54;
    const auto length = static_cast<std::int64_t>(random() & ((std::uint64_t{1} << bits) - 1));
    return duration{random() % 16 == 0 ? -length : length};
}

TEST(TimerWheel, AgreesWithAMultimapOverAMillionRandomSteps) {
    constexpr std::size_t size = 500;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        std::mt19937_64 random{seed};
        time_point now = start;
        time_point latest = start;  // what the wheel has seen
        timer_wheel wheel{start};
        oracle model{size};
        std::vector<numbered_node> nodes(size);
        for (std::size_t i = 0; i < size; ++i) {
            nodes[i].number = i;
        }
        for (int step = 0; step < 300'000; ++step) {
            const std::size_t number = random() % size;
            const std::uint64_t what = random() % 16;
            if (what < 9) {
                const time_point due = now + random_wait(random);
                wheel.arm(nodes[number], due);
                model.arm(number, due, latest);
            } else if (what < 13) {
                timer_wheel::cancel(nodes[number]);
                model.cancel(number);
            } else {
                ASSERT_LE(wheel.next_due(), model.first_due()) << "seed " << seed;
                now = what == 13 && wheel.next_due() != never ? std::max(now, wheel.next_due())
                                                              : now + random_wait(random) / 64;
                const bool collects = now >= wheel.next_due();
                ASSERT_EQ(fire(wheel, now), model.fire(now, latest))
                    << "seed " << seed << " step " << step;
                latest = collects ? std::max(latest, now) : latest;
            }
        }
    }
}

}  // namespace
}  // namespace plainsong

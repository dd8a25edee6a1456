// SPDX-License-Identifier: MIT
// load_runner.hpp — what the stages of a run have in common.
//
// Does: hold the connections and turn the poller until something holds.
// Used by: tools/load_run (opening, turning, closing), tools/load_modes (what is measured).
// Depends on: tools/load_client, tools/load_progress.
#ifndef PLAINSONG_TOOLS_LOAD_RUNNER_HPP
#define PLAINSONG_TOOLS_LOAD_RUNNER_HPP

#include <cstdint>
#include <limits>
#include <vector>

#include "tools/load_client.hpp"
#include "tools/load_progress.hpp"
#include "tools/load_run.hpp"

namespace plainsong::load {

/// What the poller calls standard input.
inline constexpr std::uint32_t standard_input = std::numeric_limits<std::uint32_t>::max();

class runner {
public:
    explicit runner(const options& wanted) : work_(wanted), wanted_(wanted) {}

    /// All of it.  Returns: what was measured.
    outcome run();

private:
    static constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max();

    struct marks {
        std::int64_t wall, own, server;
        std::uint64_t completed;
    };

    // load_run.cpp
    void check_descriptors();
    void prepare();
    error prepare_messages();
    void begin_connections();
    void open_all();
    void close_all();
    [[nodiscard]] bool failed() const { return !work_.failure.empty(); }
    void fail(const std::string& why);
    void turn(std::int64_t until);
    void handle(const ready& event);
    [[nodiscard]] marks mark() const;
    void tell(const marks& first);

    // load_modes.cpp
    template <typename Keep>
    void turn_while(Keep keep, std::int64_t until = forever);
    template <typename Supply, typename UnderWay>
    void measure_closed(Supply supply, UnderWay under_way);
    template <typename Release>
    void measure_paced(Release release);
    void begin_pace();
    void note_late(std::int64_t now, std::uint64_t number);
    void echo();
    void begin_sending();
    void release_messages(std::int64_t now);
    void storm();
    void reconnect();
    void release_connections(std::int64_t now);
    void spread();
    bool send_to_all(std::int64_t since);
    void release_broadcasts(std::int64_t now);
    void hold();

    outcome result_;
    workload work_;
    const options& wanted_;
    progress progress_line_;
    std::vector<client> clients_;
    std::size_t begun_ = 0;  // connections, while they are opened
    bool must_be_open_ = false;
    bool input_ended_ = false;
    bool soon_ = false;           // something is to be tried again that no event announces
    std::int64_t progress_ = 0;   // when something happened last
    std::uint64_t released_ = 0;  // of the schedule
    std::uint64_t last_ = 0;      // what the schedule ends before
};

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_RUNNER_HPP

// SPDX-License-Identifier: MIT
// metrics.cpp — counters as text (Prometheus exposition format 0.0.4) and as a copy.
#include <plainsong/app/metrics.hpp>

namespace plainsong {

void metrics::print(text_builder& out) const {
#define PLAINSONG_PRINT(name, kind, help)                                                  \
    out.add("# HELP plainsong_" #name " " help "\n# TYPE plainsong_" #name " " #kind "\n") \
        .add("plainsong_" #name " ")                                                       \
        .add(name.value())                                                                 \
        .add("\n");
    PLAINSONG_METRICS(PLAINSONG_PRINT)
#undef PLAINSONG_PRINT
}

metrics_snapshot snapshot_of(const metrics& live) {
    metrics_snapshot copy;
#define PLAINSONG_COPY(name, kind, help) copy.name = live.name.value();
    PLAINSONG_METRICS(PLAINSONG_COPY)
#undef PLAINSONG_COPY
    return copy;
}

}  // namespace plainsong

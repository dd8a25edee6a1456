// SPDX-License-Identifier: MIT
// load_chart.hpp — a picture of the latency by percentile.
//
// Does: draw one curve, the share of messages to the right on a scale that spreads the tail (each
// nine takes as much room as all before it), the latency upwards on a logarithmic one; as SVG, or in
// a page with the figures below.  It needs nothing from outside and suits light and dark screens.
// Does not: measure, or write files.
// Used by: tools/load.  Depends on: tools/load_report.
#ifndef PLAINSONG_TOOLS_LOAD_CHART_HPP
#define PLAINSONG_TOOLS_LOAD_CHART_HPP

#include <string>

#include "tools/load_options.hpp"
#include "tools/load_run.hpp"

namespace plainsong::load {

/// Returns: the text of wanted.chart: a page if the name ends in .html, else an SVG image.
std::string draw_chart(const options& wanted, const outcome& made);

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_CHART_HPP

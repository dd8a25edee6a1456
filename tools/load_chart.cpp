// SPDX-License-Identifier: MIT
// load_chart.cpp — SVG and HTML, written as text.
//
// Used by: tools/load.  Depends on: tools/load_chart.
#include "tools/load_chart.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

#include "tools/formatted.hpp"
#include "tools/load_report.hpp"

namespace plainsong::load {
namespace {

using tools::append_formatted;

constexpr double width = 880;
constexpr double height = 500;
constexpr double left = 84;
constexpr double right = 32;
constexpr double top = 84;
constexpr double bottom = 64;
constexpr int curve_points = 400;

struct mark {
    double share;
    const char* name;
};
constexpr mark marks[] = {{0.5, "50%"},          {0.9, "90%"},       {0.99, "99%"},
                          {0.999, "99.9%"},      {0.9999, "99.99%"}, {0.99999, "99.999%"},
                          {0.999999, "99.9999%"}};

std::string escaped(std::string_view text) {
    std::string out;
    for (const char each : text) {
        out += each == '<'   ? "&lt;"
               : each == '&' ? "&amp;"
               : each == '"' ? "&quot;"
                             : std::string(1, each);
    }
    return out;
}

/// How far to the right a share stands: 90% at 1, 99% at 2, 99.9% at 3.
double nines(double share) {
    return -std::log10(1 - share);
}

class chart {
public:
    explicit chart(const histogram& counted) : counted_(counted) {
        const auto count = static_cast<double>(counted.count());
        most_nines_ = std::max(1.0, std::log10(std::max(count, 1.0)));
        const auto shortest =
            static_cast<double>(std::max<std::uint64_t>(counted.percentile(0), 1));
        const auto longest = static_cast<double>(std::max<std::uint64_t>(counted.longest(), 1));
        low_ = std::log10(shortest) - 0.08;
        high_ = std::max(std::log10(longest), low_ + 0.5) + 0.08;
    }

    void draw(std::string& to) const {
        draw_grid(to);
        draw_curve(to);
        draw_marks(to);
    }

private:
    [[nodiscard]] double x_of(double nines_there) const {
        return left + (width - left - right) * nines_there / most_nines_;
    }
    [[nodiscard]] double y_of(double ns) const {
        const double part = (std::log10(std::max(ns, 1.0)) - low_) / (high_ - low_);
        return height - bottom - (height - top - bottom) * part;
    }
    [[nodiscard]] double duration_at(double share) const {
        return static_cast<double>(counted_.percentile(share));
    }

    void draw_grid(std::string& to) const;
    void draw_curve(std::string& to) const;
    void draw_marks(std::string& to) const;

    const histogram& counted_;
    double most_nines_ = 1;
    double low_ = 0;  // powers of ten of nanoseconds
    double high_ = 1;
};

void chart::draw_grid(std::string& to) const {
    const bool is_wide = high_ - low_ > 2.5;  // then decades are enough
    for (int power = 0; power < 13; ++power) {
        for (const int step : {1, 2, 5}) {
            const double ns = step * std::pow(10, power);
            if (std::log10(ns) < low_ || std::log10(ns) > high_ || (is_wide && step != 1)) {
                continue;
            }
            append_formatted(to, "<line class='grid' x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f'/>\n",
                             left, y_of(ns), width - right, y_of(ns));
            std::string label;
            append_formatted(label, "%g %s",
                             ns >= 1e9   ? ns / 1e9
                             : ns >= 1e6 ? ns / 1e6
                             : ns >= 1e3 ? ns / 1e3
                                         : ns,
                             ns >= 1e9   ? "s"
                             : ns >= 1e6 ? "ms"
                             : ns >= 1e3 ? "us"
                                         : "ns");
            append_formatted(to,
                             "<text class='tick' x='%.1f' y='%.1f' text-anchor='end'>%s</text>\n",
                             left - 10, y_of(ns) + 4, label.c_str());
        }
    }
    append_formatted(to, "<text class='tick' x='%.1f' y='%.1f' text-anchor='middle'>0%%</text>\n",
                     x_of(0), height - bottom + 22);
    for (const mark& each : marks) {
        if (nines(each.share) > most_nines_ + 1e-9) {
            break;
        }
        append_formatted(to, "<line class='grid' x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f'/>\n",
                         x_of(nines(each.share)), top, x_of(nines(each.share)), height - bottom);
        append_formatted(to,
                         "<text class='tick' x='%.1f' y='%.1f' text-anchor='middle'>%s</text>\n",
                         x_of(nines(each.share)), height - bottom + 22, each.name);
    }
}

void chart::draw_curve(std::string& to) const {
    std::string line;
    for (int i = 0; i <= curve_points; ++i) {
        const double there = most_nines_ * i / curve_points;
        const double share = 1 - std::pow(10, -there);
        append_formatted(line, "%s%.1f %.1f", i == 0 ? "M" : "L", x_of(there),
                         y_of(duration_at(share)));
    }
    to += "<path class='area' d='" + line;
    append_formatted(to, "L%.1f %.1fL%.1f %.1fZ'/>\n", x_of(most_nines_), height - bottom, left,
                     height - bottom);
    to += "<path class='curve' d='" + line + "'/>\n";
}

/// Below and to the right of a point there is no curve; above and to the left of the last one.
void chart::draw_marks(std::string& to) const {
    double free_from = 0;
    for (const mark& each : marks) {
        const double there = nines(each.share);
        if (there > most_nines_ - 0.35) {
            break;  // the longest stands there
        }
        const double x = x_of(there);
        const double ns = duration_at(each.share);
        append_formatted(to, "<circle class='dot' cx='%.1f' cy='%.1f' r='4'/>\n", x, y_of(ns));
        if (x > free_from) {
            append_formatted(to, "<text class='value' x='%.1f' y='%.1f'>%s</text>\n", x + 8,
                             y_of(ns) + 18, shown_duration(static_cast<std::uint64_t>(ns)).c_str());
            free_from = x + 70;
        }
    }
    const auto longest = static_cast<double>(counted_.longest());
    append_formatted(to, "<circle class='dot' cx='%.1f' cy='%.1f' r='4'/>\n", x_of(most_nines_),
                     y_of(longest));
    append_formatted(to, "<text class='value' x='%.1f' y='%.1f' text-anchor='end'>max %s</text>\n",
                     x_of(most_nines_) - 8, y_of(longest) - 8,
                     shown_duration(counted_.longest()).c_str());
}

constexpr std::string_view style =
    "svg{--paper:#fff;--ink:#1d2733;--soft:#5b6776;--grid:#e3e7ec;--curve:#1f6feb;"
    "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
    "@media(prefers-color-scheme:dark){svg{--paper:#14181e;--ink:#e6eaf0;--soft:#9aa5b3;"
    "--grid:#2b323c;--curve:#6cabff}}\n"
    ".paper{fill:var(--paper)}.grid{stroke:var(--grid);stroke-width:1}\n"
    ".title{fill:var(--ink);font-size:20px;font-weight:600}\n"
    ".note,.tick{fill:var(--soft);font-size:13px}\n"
    ".value{fill:var(--ink);font-size:13px;font-weight:600;paint-order:stroke;"
    "stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}\n"
    ".curve{fill:none;stroke:var(--curve);stroke-width:2.5;stroke-linejoin:round}\n"
    ".area{fill:var(--curve);opacity:.1}.dot{fill:var(--curve);stroke:var(--paper);stroke-width:2}"
    "\n";

std::string subtitle(const options& wanted, const outcome& made) {
    std::string report = report_for_people(wanted, made);
    report.resize(report.find('\n'));
    std::string text = report + "; ";
    append_formatted(text, "%llu measured in %.1f s",
                     static_cast<unsigned long long>(made.messages), made.seconds);
    return text;
}

std::string draw_svg(const options& wanted, const outcome& made) {
    std::string out;
    append_formatted(out,
                     "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %.0f %.0f' role='img' "
                     "aria-label='Latency by percentile'>\n<style>\n",
                     width, height);
    out += style;
    append_formatted(out, "</style>\n<rect class='paper' width='%.0f' height='%.0f'/>\n", width,
                     height);
    append_formatted(out, "<text class='title' x='%.0f' y='36'>Latency by percentile</text>\n",
                     left);
    append_formatted(out, "<text class='note' x='%.0f' y='58'>%s</text>\n", left,
                     escaped(subtitle(wanted, made)).c_str());
    if (made.trips.count() > 0) {
        chart(made.trips).draw(out);
    } else {
        append_formatted(out, "<text class='note' x='%.0f' y='%.0f'>Nothing was measured.</text>\n",
                         left, height / 2);
    }
    append_formatted(out,
                     "<text class='note' x='%.0f' y='%.0f' text-anchor='end'>%s</text>\n</svg>\n",
                     width - right, height - 16,
                     wanted.is_paced() ? "share of messages; time since each was due"
                                       : "share of messages; time since each was sent");
    return out;
}

std::string draw_page(const options& wanted, const outcome& made) {
    std::string out =
        "<!DOCTYPE html>\n<html lang='en'>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width'>\n"
        "<title>plainsong load: latency</title>\n<style>\n"
        ":root{color-scheme:light dark}\n"
        "body{max-width:60rem;margin:2rem auto;padding:0 1rem;background:#fff;color:#1d2733;"
        "font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
        "table{border-collapse:collapse;margin:1rem 0}\n"
        "th,td{text-align:right;padding:.25rem 1.5rem .25rem 0;font-variant-numeric:tabular-nums;"
        "border-bottom:1px solid #8884}\nth{font-weight:600}\npre{overflow-x:auto}\n"
        "@media(prefers-color-scheme:dark){body{background:#14181e;color:#e6eaf0}}\n"
        "</style>\n";
    out += draw_svg(wanted, made);
    out += "<table>\n<tr><th>share</th><th>latency</th></tr>\n";
    for (const mark& each : marks) {
        const double beyond = (1 - each.share) * static_cast<double>(made.trips.count());
        if (beyond > 0.999) {  // fewer measurements than that say nothing of it
            append_formatted(out, "<tr><td>%s</td><td>%s</td></tr>\n", each.name,
                             shown_duration(made.trips.percentile(each.share)).c_str());
        }
    }
    append_formatted(out, "<tr><td>max</td><td>%s</td></tr>\n</table>\n",
                     shown_duration(made.trips.longest()).c_str());
    out += "<pre>" + escaped(report_for_people(wanted, made)) + "</pre>\n";
    if (made.failures.count() > 0) {
        out += "<p>" + escaped(made.failures.text()) + "</p>\n";
    }
    return out + "</html>\n";
}

}  // namespace

std::string draw_chart(const options& wanted, const outcome& made) {
    return wanted.chart.ends_with(".html") ? draw_page(wanted, made) : draw_svg(wanted, made);
}

}  // namespace plainsong::load

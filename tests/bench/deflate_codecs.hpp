// SPDX-License-Identifier: MIT
// deflate_codecs.hpp — our codec, zlib and libdeflate, each with the same interface.
#ifndef PLAINSONG_TESTS_BENCH_DEFLATE_CODECS_HPP
#define PLAINSONG_TESTS_BENCH_DEFLATE_CODECS_HPP

#include <libdeflate.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include <plainsong/codec/deflate.hpp>
#include <plainsong/codec/inflate.hpp>

namespace plainsong::bench {

using octets = std::vector<std::uint8_t>;

inline void check(bool condition) {
    if (!condition) {
        std::fprintf(stderr, "deflate-bench: a codec failed\n");
        std::exit(1);
    }
}

class our_compressor {
public:
    our_compressor(deflate_level level, bool takes_over)
        : memory_(deflate_memory(15, level)),
          deflater_(memory_, 15, level),
          takes_over_(takes_over) {}

    std::size_t run(const octets& text, octets& out) {
        if (!takes_over_) {
            deflater_.forget();
        }
        const deflate_step step = deflater_.deflate(text, out, deflate_flush::message);
        check(step.done);
        return step.made;
    }

private:
    octets memory_;
    deflater deflater_;
    bool takes_over_;
};

class zlib_compressor {
public:
    zlib_compressor(int level, bool takes_over) : takes_over_(takes_over) {
        check(deflateInit2(&stream_, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    }
    ~zlib_compressor() { deflateEnd(&stream_); }
    zlib_compressor(const zlib_compressor&) = delete;
    zlib_compressor& operator=(const zlib_compressor&) = delete;

    std::size_t run(const octets& text, octets& out) {
        if (!takes_over_) {
            deflateReset(&stream_);
        }
        stream_.next_in = const_cast<Bytef*>(text.data());
        stream_.avail_in = static_cast<uInt>(text.size());
        stream_.next_out = out.data();
        stream_.avail_out = static_cast<uInt>(out.size());
        check(deflate(&stream_, Z_SYNC_FLUSH) == Z_OK);
        return out.size() - stream_.avail_out - 4;
    }

private:
    z_stream stream_{};
    bool takes_over_;
};

class our_expander {
public:
    explicit our_expander(bool takes_over) : window_(memory_), takes_over_(takes_over) {}

    std::size_t run(const octets& message, octets& out) {
        inflater_.begin();
        const inflate_step first = inflater_.inflate(message, out, 0, window_);
        const inflate_step last = inflater_.finish(out, first.made, window_);
        check(last.state == inflate_state::ended);
        const std::size_t size = first.made + last.made;
        if (takes_over_) {
            window_.remember(std::span{out}.first(size));
        }
        return size;
    }

private:
    octets memory_ = octets(32768);
    inflate_window window_;
    inflater inflater_;
    bool takes_over_;
};

class zlib_expander {
public:
    explicit zlib_expander(bool takes_over) : takes_over_(takes_over) {
        check(inflateInit2(&stream_, -15) == Z_OK);
    }
    ~zlib_expander() { inflateEnd(&stream_); }
    zlib_expander(const zlib_expander&) = delete;
    zlib_expander& operator=(const zlib_expander&) = delete;

    /// `message`: with its tail, which whoever uses zlib has to append.
    std::size_t run(const octets& message, octets& out) {
        if (!takes_over_) {
            inflateReset(&stream_);
        }
        stream_.next_in = const_cast<Bytef*>(message.data());
        stream_.avail_in = static_cast<uInt>(message.size());
        stream_.next_out = out.data();
        stream_.avail_out = static_cast<uInt>(out.size());
        check(inflate(&stream_, Z_SYNC_FLUSH) == Z_OK);
        return out.size() - stream_.avail_out;
    }

private:
    z_stream stream_{};
    bool takes_over_;
};

class libdeflate_expander {
public:
    std::size_t run(const octets& stream, octets& out) {
        std::size_t size = 0;
        check(libdeflate_deflate_decompress(decompressor_.get(), stream.data(), stream.size(),
                                            out.data(), out.size(), &size) == LIBDEFLATE_SUCCESS);
        return size;
    }

private:
    std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> decompressor_{
        libdeflate_alloc_decompressor(), libdeflate_free_decompressor};
};

}  // namespace plainsong::bench

#endif  // PLAINSONG_TESTS_BENCH_DEFLATE_CODECS_HPP

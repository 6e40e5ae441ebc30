// The renderer's inner loops on CPUs: each function does in one pass what dozens of torch's operations do elsewhere.
// Torch's form is the reference and what GPUs run; tests hold the two together. Python's side is native/__init__.py.
//
// Pictures are float32 without gaps; (h, w, C) means that the C numbers of a place lie side by side. Places are frame
// units, x before y. A picture over the frame has its first cell's center half a cell from the frame's edge.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
// The loader picks the form that the machine can run.
#define KERNEL extern "C" __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define KERNEL extern "C"
#endif
#define INLINE static inline __attribute__((always_inline))

namespace {

typedef float Four __attribute__((vector_size(16)));
typedef float Eight __attribute__((vector_size(32)));

template <class T> INLINE T load(const float *at) {
    T value;
    __builtin_memcpy(&value, at, sizeof value);
    return value;
}

INLINE float held(float x, float low, float high) { return std::min(std::max(x, low), high); }

INLINE float smoothstep(float x, float start, float end) {
    float t = held((x - start) / (end - start), 0, 1);
    return t * t * (3 - 2 * t);
}

// Where a bilinear sample lies among cells, the rim repeated beyond the rim.
struct Corner {
    int x, y;
    float u, v;
};

INLINE Corner corner(float x, float y, int columns, int rows) {
    x = held(x, 0, columns - 1), y = held(y, 0, rows - 1);
    int i = std::min(int(x), columns - 2), j = std::min(int(y), rows - 2);
    return {i, j, x - i, y - j};
}

INLINE float sampled(const float *image, int columns, Corner c) {
    const float *p = image + size_t(c.y) * columns + c.x;
    float above = p[0] + (p[1] - p[0]) * c.u, below = p[columns] + (p[columns + 1] - p[columns]) * c.u;
    return above + (below - above) * c.v;
}

// A whole group of interleaved channels at once.
template <class T> INLINE T sampled_group(const float *image, int columns, Corner c) {
    constexpr int channels = sizeof(T) / sizeof(float);
    const float *p = image + (size_t(c.y) * columns + c.x) * channels, *q = p + size_t(columns) * channels;
    T a = load<T>(p), b = load<T>(p + channels), d = load<T>(q), e = load<T>(q + channels);
    T above = a + (b - a) * c.u, below = d + (e - d) * c.u;
    return above + (below - above) * c.v;
}

// What a bilinear enlargement reads for one row or column of the larger picture; at the rim the last one.
struct Between {
    int first;
    float share;
};

INLINE Between between(int index, int larger, int smaller) {
    float at = held((index + 0.5f) * smaller / larger - 0.5f, 0, smaller - 1);
    int first = std::min(int(at), smaller - 2);
    return {first, at - first};
}

// (n, n, 8): displacement, the inverse of the derivative of place + displacement, row by row, and 2 that are unused.
// Returns the smallest determinant.
INLINE float search_field(const float *dx, const float *dy, int n, float least, float *out) {
    float smallest = 1e9f, half = n * 0.5f;
    for (int j = 0; j < n; j++) {
        const float *x = dx + j * n, *y = dy + j * n;
        int above = j ? -n : 0, below = j < n - 1 ? n : 0;
        for (int i = 0; i < n; i++) {
            int before = i ? i - 1 : 0, after = i < n - 1 ? i + 1 : i;
            float a = 1 + (x[after] - x[before]) * half, b = (x[i + below] - x[i + above]) * half;
            float c = (y[after] - y[before]) * half, d = 1 + (y[i + below] - y[i + above]) * half;
            float determinant = a * d - b * c;
            smallest = std::min(smallest, determinant);
            float over = 1 / std::max(determinant, least);
            float *o = out + (size_t(j) * n + i) * 8;
            o[0] = x[i], o[1] = y[i], o[2] = d * over, o[3] = -b * over, o[4] = -c * over, o[5] = a * over;
            o[6] = o[7] = 0;
        }
    }
    return smallest;
}

// Newton's method for source + displacement(source) = target.
INLINE void refine_one(const float *field, int n, float target_x, float target_y, int steps, float longest, float &x,
                       float &y) {
    for (int step = 0; step < steps; step++) {
        Eight f = sampled_group<Eight>(field, n, corner(x * n - 0.5f, y * n - 0.5f, n, n));
        float miss_x = x + f[0] - target_x, miss_y = y + f[1] - target_y;
        x -= held(f[2] * miss_x + f[3] * miss_y, -longest, longest);
        y -= held(f[4] * miss_x + f[5] * miss_y, -longest, longest);
    }
}

} // namespace

// out (size,) = sum of weights[k] * rows[k]; channels that are 0 are not read.
KERNEL void combined(const float *rows, const float *weights, int count, int size, float *out) {
    std::fill(out, out + size, 0.0f);
    for (int k = 0; k < count; k++) {
        float weight = weights[k];
        if (weight == 0) continue;
        const float *row = rows + size_t(k) * size;
        for (int i = 0; i < size; i++) out[i] += weight * row[i];
    }
}

// See `warp.searched`: (2, n, n) displacements to (n, n, 8). Returns the smallest determinant.
KERNEL float searched(const float *moved, int n, float least, float *out) {
    return search_field(moved, moved + size_t(n) * n, n, least, out);
}

// See `warp.refine`: places (count, 2) from a first guess, in place.
KERNEL void refined(const float *field, int n, const float *target, int count, int steps, float longest,
                    float *source) {
    for (int k = 0; k < count; k++)
        refine_one(field, n, target[2 * k], target[2 * k + 1], steps, longest, source[2 * k], source[2 * k + 1]);
}

// See `warp.invert`, at the cells of a field: (n, n, 2) offsets from the cells to where what is seen there comes from.
KERNEL void inverted(const float *field, int n, float least, float longest, float *out) {
    int m = n / 4;
    std::vector<float> coarse(2 * m * m), slow(8 * m * m), found(2 * m * m);
    for (int j = 0; j < m; j++)
        for (int i = 0; i < m; i++) {
            float x = 0, y = 0;
            for (int r = 4 * j; r < 4 * j + 4; r++)
                for (int c = 4 * i; c < 4 * i + 4; c++) {
                    x += field[(size_t(r) * n + c) * 8], y += field[(size_t(r) * n + c) * 8 + 1];
                }
            coarse[j * m + i] = x / 16, coarse[m * m + j * m + i] = y / 16;
        }
    search_field(coarse.data(), coarse.data() + m * m, m, least, slow.data());
    for (int j = 0; j < m; j++)
        for (int i = 0; i < m; i++) {
            float target_x = (i + 0.5f) / m, target_y = (j + 0.5f) / m, x = target_x, y = target_y;
            refine_one(slow.data(), m, target_x, target_y, 8, longest, x, y);
            found[2 * (j * m + i)] = x - target_x, found[2 * (j * m + i) + 1] = y - target_y;
        }
    for (int j = 0; j < n; j++) {
        Between row = between(j, n, m);
        for (int i = 0; i < n; i++) {
            Between column = between(i, n, m);
            float guess[2], place[2] = {(i + 0.5f) / n, (j + 0.5f) / n};
            for (int k = 0; k < 2; k++) {
                const float *p = found.data() + 2 * (row.first * m + column.first) + k, *q = p + 2 * m;
                float above = p[0] + (p[2] - p[0]) * column.share, below = q[0] + (q[2] - q[0]) * column.share;
                guess[k] = place[k] + above + (below - above) * row.share;
            }
            refine_one(field, n, place[0], place[1], 2, longest, guess[0], guess[1]);
            out[2 * (j * n + i)] = guess[0] - place[0], out[2 * (j * n + i) + 1] = guess[1] - place[1];
        }
    }
}

// Depth of the moved surface over the still head's cells: see `State.of`. surface, raised: (n, n) z; expressed (n, n, 2).
KERNEL void depths(const float *surface, const float *raised, const float *expressed, int n, float distance,
                   float *out) {
    std::vector<float> z(size_t(n) * n);
    for (int k = 0; k < n * n; k++) z[k] = surface[k] + raised[k];
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) {
            const float *e = expressed + 2 * (j * n + i);
            float at = sampled(z.data(), n, corner(i + e[0] * n, j + e[1] * n, n, n));
            out[j * n + i] = at / (1 + at / distance);
        }
}

// A head's motion, as `Pose` has it; pivot and eye in frame units.
struct Motion {
    float matrix[9], around[9], shift[3], pivot[3], eye[2], distance, front, back;
};

namespace {

// See `Pose._back`.
INLINE void followed_back(const Motion &m, float level, Four follow, float px, float py, float &out_x, float &out_y) {
    float z = level / (1 - level / m.distance), x = px - m.eye[0], y = py - m.eye[1];
    float turn = follow[0], shift = follow[1], far = follow[2], whole = follow[3];
    float a[9];
    for (int k = 0; k < 9; k++) {
        float still = k % 4 == 0 ? 1.0f : 0.0f;
        a[k] = turn * (m.matrix[k] - m.around[k]) + whole * (m.around[k] - still);
    }
    float held_x = a[0] * m.pivot[0] + a[1] * m.pivot[1] + a[2] * m.pivot[2];
    float held_y = a[3] * m.pivot[0] + a[4] * m.pivot[1] + a[5] * m.pivot[2];
    float held_z = a[6] * m.pivot[0] + a[7] * m.pivot[1] + a[8] * m.pivot[2];
    float step = m.shift[2] > 0 ? far : 1.0f;
    float share = 1 + (a[8] * z - held_z + step * m.shift[2] + z) / m.distance;
    float xx = 1 + a[0] - x * a[6] / m.distance, xy = a[1] - x * a[7] / m.distance;
    float yx = a[3] - y * a[6] / m.distance, yy = 1 + a[4] - y * a[7] / m.distance;
    float u = x * share - a[2] * z + held_x - shift * m.shift[0];
    float v = y * share - a[5] * z + held_y - shift * m.shift[1];
    float scale = 1 / ((xx * yy - xy * yx) * (1 + z / m.distance));
    out_x = (yy * u - xy * v) * scale + m.eye[0];
    out_y = (xx * v - yx * u) * scale + m.eye[1];
}

// A Gaussian of one node that ends at two, the rim repeated; two channels side by side.
INLINE void softened(float *image, int h, int w) {
    const float raw[3] = {1.0f, std::exp(-0.5f), std::exp(-2.0f)};
    const float sum = raw[0] + 2 * raw[1] + 2 * raw[2];
    const float k[3] = {raw[0] / sum, raw[1] / sum, raw[2] / sum};
    std::vector<float> rows(size_t(h) * w * 2);
    for (int j = 0; j < h; j++)
        for (int i = 0; i < w; i++) {
            const float *p = image + size_t(j) * w * 2;
            int b = std::max(i - 1, 0), bb = std::max(i - 2, 0), a = std::min(i + 1, w - 1), aa = std::min(i + 2, w - 1);
            for (int c = 0; c < 2; c++)
                rows[(size_t(j) * w + i) * 2 + c] = k[0] * p[2 * i + c] + k[1] * (p[2 * b + c] + p[2 * a + c]) +
                                                    k[2] * (p[2 * bb + c] + p[2 * aa + c]);
        }
    auto row = [&](int j) { return rows.data() + size_t(std::min(std::max(j, 0), h - 1)) * w * 2; };
    for (int j = 0; j < h; j++) {
        const float *own = row(j), *b = row(j - 1), *bb = row(j - 2), *a = row(j + 1), *aa = row(j + 2);
        float *p = image + size_t(j) * w * 2;
        for (int i = 0; i < 2 * w; i++) p[i] = k[0] * own[i] + k[1] * (b[i] + a[i]) + k[2] * (bb[i] + aa[i]);
    }
}

} // namespace

// See `Pose.sources`: (h, w, 2) offsets from the nodes to the places of the photo that are seen there.
// depth: (n, n). follow: (n, n, 4). coarse: (ch, cw, 2) and nodes: (h, w, 2) places.
KERNEL void sights(const Motion *motion, const float *depth, const float *follow, int n, const float *coarse, int ch,
                   int cw, const float *nodes, int h, int w, float *out) {
    const Motion &m = *motion;
    constexpr int levels = 8;
    std::vector<float> ends(size_t(4) * ch * cw);
    for (int k = 0; k < ch * cw; k++) {
        float px = coarse[2 * k], py = coarse[2 * k + 1];
        for (int end = 0; end < 2; end++) {
            float x = px, y = py;
            for (int round = 0; round < 3; round++) {
                Four share = sampled_group<Four>(follow, n, corner(x * n - 0.5f, y * n - 0.5f, n, n));
                followed_back(m, end ? m.back : m.front, share, px, py, x, y);
            }
            ends[4 * k + 2 * end] = x - px, ends[4 * k + 2 * end + 1] = y - py;
        }
    }
    float span = m.back - m.front;
    for (int j = 0; j < h; j++) {
        Between r = between(j, h, ch);
        for (int i = 0; i < w; i++) {
            Between c = between(i, w, cw);
            Corner place{c.first, r.first, c.share, r.share};
            Four e = sampled_group<Four>(ends.data(), cw, place);
            const float *node = nodes + 2 * (size_t(j) * w + i);
            float x = node[0] + e[0], y = node[1] + e[1], along_x = e[2] - e[0], along_y = e[3] - e[1];
            auto above = [&](float at) __attribute__((always_inline)) {
                float px = (x + along_x * at) * n - 0.5f, py = (y + along_y * at) * n - 0.5f;
                return sampled(depth, n, corner(px, py, n, n)) - (m.front + span * at);
            };
            float over = above(0), under = over;
            int hit = 1;
            for (; hit < levels; hit++) {
                under = above(float(hit) / (levels - 1));
                if (hit == levels - 1) under = std::min(under, -1e-6f);
                if (under <= 0 || (hit == 1 && over <= 0)) break;
                over = under;
            }
            float low = float(hit - 1) / (levels - 1), high = float(hit) / (levels - 1), at = 0;
            for (int round = 0; round < 3; round++) {
                at = low + (high - low) * held(over / (over - under), 0, 1);
                if (round == 2) break;
                float gap = above(at);
                if (gap > 0)
                    low = at, over = gap;
                else
                    high = at, under = gap;
            }
            float *o = out + 2 * (size_t(j) * w + i);
            o[0] = e[0] + along_x * at, o[1] = e[1] + along_y * at;
        }
    }
    softened(out, h, w);
}

// See `State.origins`: (h, w, 2) offsets from nodes to the photo's places. posed (h, w, 2), expressed (n, n, 2).
KERNEL void origins(const float *nodes, const float *posed, int h, int w, const float *expressed, int n, float *out) {
    for (int k = 0; k < h * w; k++) {
        float x = nodes[2 * k] + posed[2 * k], y = nodes[2 * k + 1] + posed[2 * k + 1];
        Corner c = corner(x * n - 0.5f, y * n - 0.5f, n, n);
        for (int d = 0; d < 2; d++) {
            const float *p = expressed + 2 * (size_t(c.y) * n + c.x) + d, *q = p + 2 * n;
            float above = p[0] + (p[2] - p[0]) * c.u, below = q[0] + (q[2] - q[0]) * c.u;
            out[2 * k + d] = posed[2 * k + d] + above + (below - above) * c.v;
        }
    }
}

// A sharp texture: see `SharpTexture`.
struct Sharp {
    const uint8_t *lightness;
    const float *others; // (rows, columns, 4)
    const uint8_t *empty; // (rows / 8 + 1, columns / 8 + 1) 1 where all of a block is 0 but the fourth channel, that is 1
    int rows, columns, density;
};

namespace {

INLINE Four sharp_sample(const Sharp &s, float x, float y) {
    Four rest = sampled_group<Four>(s.others, s.columns, corner(x, y, s.columns, s.rows));
    int wide = s.density * (s.columns - 1) + 1, tall = s.density * (s.rows - 1) + 1;
    Corner c = corner(x * s.density, y * s.density, wide, tall);
    const uint8_t *p = s.lightness + size_t(c.y) * wide + c.x;
    float above = p[0] + (p[1] - p[0]) * c.u, below = p[wide] + (p[wide + 1] - p[wide]) * c.u;
    float luma = above + (below - above) * c.v;
    return rest + Four{luma, luma, luma, 0};
}

} // namespace

// The person before the background: frames (3, height, width), and still (height, width), the background's share.
// offsets: (h, w, 2) texels; at_x (width,), at_y (height,): each pixel's own texel. background: (3, height, width).
KERNEL void person(const Sharp *texture, const float *offsets, int h, int w, const float *at_x, const float *at_y,
                   const float *background, int height, int width, float *frames, float *still) {
    const Sharp s = *texture;
    int blocks = s.columns / 8 + 1, wide = s.density * (s.columns - 1) + 1, tall = s.density * (s.rows - 1) + 1;
    size_t plane = size_t(height) * width;
    std::vector<float> line(size_t(2) * w), floats(size_t(5) * width);
    std::vector<int> ints(size_t(4) * width);
    float *share = floats.data(), *u = share + width, *v = u + width, *lu = v + width, *lv = lu + width;
    int *first = ints.data(), *block = first + width, *base = block + width, *dense = base + width;
    for (int x = 0; x < width; x++) {
        Between b = between(x, width, w);
        first[x] = 2 * b.first, share[x] = b.share;
    }
    for (int y = 0; y < height; y++) {
        Between b = between(y, height, h);
        const float *upper = offsets + size_t(b.first) * w * 2, *lower = upper + 2 * w;
        for (int i = 0; i < 2 * w; i++) line[i] = upper[i] + (lower[i] - upper[i]) * b.share;
        // Places first, for the whole row at once, then what is read there.
        for (int x = 0; x < width; x++) {
            const float *p = line.data() + first[x];
            float across = held(p[0] + (p[2] - p[0]) * share[x] + at_x[x], 0, s.columns - 1);
            float down = held(p[1] + (p[3] - p[1]) * share[x] + at_y[y], 0, s.rows - 1);
            int i = int(across), j = int(down);
            block[x] = (j >> 3) * blocks + (i >> 3);
            i = std::min(i, s.columns - 2), j = std::min(j, s.rows - 2);
            base[x] = 4 * (j * s.columns + i), u[x] = across - i, v[x] = down - j;
            across *= s.density, down *= s.density;
            i = std::min(int(across), wide - 2), j = std::min(int(down), tall - 2);
            dense[x] = j * wide + i, lu[x] = across - i, lv[x] = down - j;
        }
        const float *red = background + size_t(y) * width;
        float *out = frames + size_t(y) * width, *part = still + size_t(y) * width;
        for (int x = 0; x < width; x++) {
            if (s.empty[block[x]]) {
                part[x] = 1;
                for (int c = 0; c < 3; c++) out[x + c * plane] = red[x + c * plane];
                continue;
            }
            const float *p = s.others + base[x], *q = p + 4 * size_t(s.columns);
            Four a = load<Four>(p), d = load<Four>(q);
            Four above = a + (load<Four>(p + 4) - a) * u[x], below = d + (load<Four>(q + 4) - d) * u[x];
            Four color = above + (below - above) * v[x];
            const uint8_t *l = s.lightness + dense[x];
            float luma = l[0] + (l[1] - l[0]) * lu[x], under = l[wide] + (l[wide + 1] - l[wide]) * lu[x];
            luma += (under - luma) * lv[x];
            part[x] = color[3];
            for (int c = 0; c < 3; c++) out[x + c * plane] = color[c] + luma + color[3] * red[x + c * plane];
        }
    }
}

// The same offsets at the pixels of one window: (rows, columns, 2) texels.
KERNEL void texels(const float *offsets, int h, int w, const float *at_x, const float *at_y, int height, int width,
                   int top, int left, int rows, int columns, float *out) {
    for (int j = 0; j < rows; j++) {
        Between b = between(top + j, height, h);
        for (int i = 0; i < columns; i++) {
            Between a = between(left + i, width, w);
            const float *p = offsets + 2 * (size_t(b.first) * w + a.first), *q = p + 2 * w;
            for (int d = 0; d < 2; d++) {
                float above = p[d] + (p[d + 2] - p[d]) * a.share, below = q[d] + (q[d + 2] - q[d]) * a.share;
                *out++ = above + (below - above) * b.share + (d ? at_y[top + j] : at_x[left + i]);
            }
        }
    }
}

// See `Shading.draw`: frames (3, height, width) within rows top..bottom and columns left..right, times the light.
// change: (n, n). sources: (h, w, 2) places of the part's nodes.
KERNEL void shaded(const float *change, int n, const float *sources, int h, int w, float most, int height, int width,
                   int top, int bottom, int left, int right, float *frames) {
    std::vector<float> light(size_t(h) * w), line(w);
    for (int k = 0; k < h * w; k++) {
        // Nothing changes beyond the frame.
        float x = sources[2 * k] * n - 0.5f, y = sources[2 * k + 1] * n - 0.5f;
        float value = 0;
        if (x > -1 && y > -1 && x < n && y < n) {
            int i = int(std::floor(x)), j = int(std::floor(y));
            float u = x - i, v = y - j;
            auto at = [&](int c, int r) { return c < 0 || r < 0 || c >= n || r >= n ? 0.0f : change[r * n + c]; };
            value = (at(i, j) * (1 - u) + at(i + 1, j) * u) * (1 - v) + (at(i, j + 1) * (1 - u) + at(i + 1, j + 1) * u) * v;
        }
        light[k] = 1 + held(value, -most, most);
    }
    int rows = bottom - top, columns = right - left;
    std::vector<float> gain(columns);
    for (int y = 0; y < rows; y++) {
        Between b = between(y, rows, h);
        const float *upper = light.data() + size_t(b.first) * w, *lower = upper + w;
        for (int i = 0; i < w; i++) line[i] = upper[i] + (lower[i] - upper[i]) * b.share;
        for (int x = 0; x < columns; x++) {
            Between a = between(x, columns, w);
            gain[x] = line[a.first] + (line[a.first + 1] - line[a.first]) * a.share;
        }
        for (int c = 0; c < 3; c++) {
            float *p = frames + (size_t(c) * height + top + y) * width + left;
            for (int x = 0; x < columns; x++) p[x] *= gain[x];
        }
    }
}

// An eye's pictures and lines: see `Eye`. Patches are (size, size, C) over -1..1 of both axes.
struct Eye {
    const float *still;  // 4: color of the ball, and its glint
    const float *iris;   // 4: color times opacity, and opacity
    const float *closed; // 8: color of the closed lid, how far it takes the photo's place, lashes; three are unused
    const float *before; // 1: glasses; may be null
    const float *curves; // (samples, 4) the lids' lines over x: upper, lower, fold, opening
    int size, samples;
    Sharp photo;
};

// What else there is of an eye, in the order of `Eye._constants`.
struct EyeFigures {
    float photo_left, photo_top, photo_across, photo_down;     // texels = (place - left, top) * across, down
    float person_left, person_top, person_across, person_down; // likewise
    float axes[4], center[2], half, unit, iris[2], radius, tallest, soft;
    float lid_shadow, shadow_reach, tint, margin_strip, brow_reach, cheek_reach;
    float side, left, top; // of the canvas
};

// What moves, in the order of `Eye._movements`.
struct EyeMovement {
    float right, down, yaw, pitch; // of the iris: shift in the patch, and radians
    float gap, shown, rise, closing, active;
};

namespace {

INLINE Corner in_patch(float x, float y, int size) {
    return corner(((x + 1) * size - 1) * 0.5f, ((y + 1) * size - 1) * 0.5f, size, size);
}

// Nothing lies beyond the patch.
INLINE Four sampled_or_nothing(const float *image, float x, float y, int size) {
    x = ((x + 1) * size - 1) * 0.5f, y = ((y + 1) * size - 1) * 0.5f;
    Four sum{0, 0, 0, 0};
    if (!(x > -1 && y > -1 && x < size && y < size)) return sum;
    int i = int(std::floor(x)), j = int(std::floor(y));
    float u = x - i, v = y - j;
    for (int r = 0; r < 2; r++)
        for (int c = 0; c < 2; c++) {
            int column = i + c, row = j + r;
            if (column < 0 || row < 0 || column >= size || row >= size) continue;
            sum += load<Four>(image + (size_t(row) * size + column) * 4) * ((c ? u : 1 - u) * (r ? v : 1 - v));
        }
    return sum;
}

} // namespace

// See `Eye._drawn`, within rows top.. and columns left.. of frames (3, height, width); still (height, width).
// offsets: (h, w, 2) texels of the person, posed: (h, w, 2) frame units, both at the canvas's nodes.
KERNEL void eye(const Eye *model, const EyeFigures *figures, const EyeMovement *movement, const float *offsets,
                const float *posed, int h, int w, const float *at_x, const float *at_y, const float *still, int height,
                int width, int top, int left, int rows, int columns, float *frames) {
    const Eye &e = *model;
    const EyeFigures &g = *figures;
    const EyeMovement &m = *movement;
    if (m.active <= 0) return;
    size_t plane = size_t(height) * width;
    float cos_yaw = std::cos(m.yaw), cos_pitch = std::cos(m.pitch), skew = std::sin(m.pitch) * std::sin(m.yaw);
    float unit = g.unit, scale = 1 / g.half;
    float overlapping = 0.010f * unit * smoothstep(m.closing, 0.6f, 1.0f);
    float late_under = smoothstep(m.closing, 0.5f, 0.95f), late_above = smoothstep(m.closing, 0.2f, 0.7f);
    float early_above = smoothstep(m.closing, 0.02f, 0.3f), shown_lashes = smoothstep(m.closing, 0.1f, 0.7f);
    float wider = held((m.gap - m.shown) / std::max(1 - m.shown, 0.02f), 0, 1);
    float more = std::max(m.gap - std::max(m.shown, 1.0f), 0.0f);
    for (int j = 0; j < rows; j++) {
        Between r = between(top + j, height, h);
        for (int i = 0; i < columns; i++) {
            size_t at = size_t(top + j) * width + left + i;
            float active = m.active * (1 - still[at]);
            if (active <= 0) continue;
            Between c = between(left + i, width, w);
            auto node = [&](const float *grid, int d) __attribute__((always_inline)) {
                const float *p = grid + 2 * (size_t(r.first) * w + c.first) + d, *q = p + 2 * w;
                float above = p[0] + (p[2] - p[0]) * c.share, below = q[0] + (q[2] - q[0]) * c.share;
                return above + (below - above) * r.share;
            };
            auto patch = [&](float px, float py, float &x, float &y) __attribute__((always_inline)) {
                px -= g.center[0], py -= g.center[1];
                x = (px * g.axes[0] + py * g.axes[2]) * scale, y = (px * g.axes[1] + py * g.axes[3]) * scale;
            };
            float x, y;
            patch((node(offsets, 0) + at_x[left + i]) / g.person_across + g.person_left,
                  (node(offsets, 1) + at_y[top + j]) / g.person_down + g.person_top, x, y);
            if (e.before) active *= 1 - sampled(e.before, e.size, in_patch(x, y, e.size));
            if (active <= 0) continue;

            float column = held(((x + 1) * e.samples - 1) * 0.5f, 0, e.samples - 1);
            int first = std::min(int(column), e.samples - 2);
            Four one = load<Four>(e.curves + 4 * first), two = load<Four>(e.curves + 4 * first + 4);
            Four lines = one + (two - one) * (column - first);
            float upper_rest = lines[0], lower_rest = lines[1], fold_rest = lines[2], opening = lines[3];

            // The margins: see `Eye._margins`.
            float arch = std::max(opening / g.tallest, 0.0f), lower = lower_rest - m.rise * arch;
            float photographed = lower_rest - upper_rest, distance = photographed;
            if (photographed > 0) {
                distance = m.gap < m.shown ? photographed / std::max(m.shown, 0.02f) * m.gap
                                           : photographed + (opening - photographed) * wider;
                distance += opening * more;
            }
            float upper = lower - distance + overlapping * std::min(4 * arch, 1.0f);

            float visible = held((y - upper) / g.soft + 0.5f, 0, 1) * held((lower - y) / g.soft + 0.5f, 0, 1) *
                            held((lower - upper) / g.soft, 0, 1);
            Four picture{0, 0, 0, 0};
            if (visible > 0) { // see `Eye._eyeball`
                float bx, by;
                patch(node(posed, 0) + (left + i + 0.5f - g.left) / g.side,
                      node(posed, 1) + (top + j + 0.5f - g.top) / g.side, bx, by);
                Four ball = sampled_group<Four>(e.still, e.size, in_patch(bx, by, e.size));
                float dy = (by - g.iris[1] - m.down) / cos_pitch;
                float dx = (bx - g.iris[0] - m.right + dy * skew) / cos_yaw;
                Four iris = sampled_or_nothing(e.iris, dx + g.iris[0], dy + g.iris[1], e.size);
                float on_cornea = 1 - smoothstep(std::sqrt(dx * dx + dy * dy) / g.radius, 0.8f, 1.1f);
                float glint = ball[3] * on_cornea;
                float below = std::max((y - upper) / unit, 0.0f);
                float shadow = 1 - g.lid_shadow * std::exp(-below / g.shadow_reach);
                picture = (ball * (1 - iris[3]) + iris + Four{glint, glint, glint, 0}) * shadow;
            }

            // The lids: see `Eye._lids`.
            float drop = upper - upper_rest, fold_drop = drop > 0 ? 0.15f * drop : 0.55f * drop;
            float fold = fold_rest + fold_drop;
            bool under = y > std::max(upper, lower), on_lid = y > fold;
            if (visible < 1) {
                float rows_photo, rows_closed;
                if (under) {
                    float gives = 1 - held((y - lower) / (g.cheek_reach * unit), 0, 1);
                    rows_photo = rows_closed = y - (lower - lower_rest) * gives * gives;
                } else if (on_lid) {
                    auto slid = [&](float margin) __attribute__((always_inline)) {
                        float strip = std::max(std::min(margin - fold_rest, upper - fold), 0.0f) * 0.5f;
                        strip = std::min(strip, g.margin_strip * unit);
                        float stretch = (margin - strip - fold_rest) / std::max(upper - strip - fold, 1e-3f);
                        return y > upper - strip ? y + margin - upper : fold_rest + (y - fold) * stretch;
                    };
                    rows_photo = slid(upper_rest), rows_closed = slid(lower_rest);
                } else {
                    float gives = 1 - held((fold - y) / (g.brow_reach * unit), 0, 1);
                    rows_photo = rows_closed = y - fold_drop * gives * gives;
                }
                float px = (x * g.axes[0] + rows_photo * g.axes[1]) * g.half + g.center[0];
                float py = (x * g.axes[2] + rows_photo * g.axes[3]) * g.half + g.center[1];
                Four lids = sharp_sample(e.photo, held((px - g.photo_left) * g.photo_across, 0, e.photo.columns - 1),
                                         held((py - g.photo_top) * g.photo_down, 0, e.photo.rows - 1));
                Eight closed = sampled_group<Eight>(e.closed, e.size, in_patch(x, rows_closed, e.size));
                float near = smoothstep(std::abs(upper - y), 0.015f * unit, 0.045f * unit);
                float late = under ? late_under : late_above, early = under ? late : early_above;
                float replaced = closed[3] * (late + (early - late) * near);
                lids += (Four{closed[0], closed[1], closed[2], 0} - lids) * replaced;
                picture = lids + (picture - lids) * visible;
            }
            Eight hanging = sampled_group<Eight>(e.closed, e.size, in_patch(x, y + lower_rest - upper, e.size));
            float lashes = hanging[4] * shown_lashes;
            float brightest = std::max(std::max(picture[0], picture[1]), std::max(picture[2], 1.0f));
            for (int k = 0; k < 3; k++) {
                float pure = 1 - picture[k] / brightest;
                float color = picture[k] * ((1 - lashes) * (1 - g.tint * pure * lashes));
                float &out = frames[k * plane + at];
                out += (color - out) * active;
            }
        }
    }
}

// See `State.sources`: (rows, columns, 2) where the pixels of a window come from, found at nodes some pixels apart.
// field: (n, n, 8). posed: (h, w, 2) at the nodes of a canvas of height x width pixels, whose frame begins at left, top.
KERNEL void sources(const float *field, int n, const float *posed, int h, int w, int height, int width, float side,
                    float left, float top, int row, int column, int rows, int columns, int steps, float longest,
                    float spacing, float *out) {
    int tall = std::max(2, int(std::nearbyint(rows / spacing))), wide = std::max(2, int(std::nearbyint(columns / spacing)));
    std::vector<float> offsets(size_t(tall) * wide * 2);
    for (int j = 0; j < tall; j++)
        for (int i = 0; i < wide; i++) {
            float px = (i + 0.5f) * columns / wide + column, py = (j + 0.5f) * rows / tall + row;
            Corner c = corner(px * w / width - 0.5f, py * h / height - 0.5f, w, h);
            float place[2] = {(px - left) / side, (py - top) / side}, still[2];
            for (int d = 0; d < 2; d++) {
                const float *p = posed + 2 * (size_t(c.y) * w + c.x) + d, *q = p + 2 * w;
                float above = p[0] + (p[2] - p[0]) * c.u, below = q[0] + (q[2] - q[0]) * c.u;
                still[d] = place[d] + above + (below - above) * c.v;
            }
            float x = still[0], y = still[1];
            refine_one(field, n, still[0], still[1], steps, longest, x, y);
            float *o = offsets.data() + 2 * (size_t(j) * wide + i);
            o[0] = x - place[0], o[1] = y - place[1];
        }
    for (int j = 0; j < rows; j++) {
        Between b = between(j, rows, tall);
        for (int i = 0; i < columns; i++) {
            Between a = between(i, columns, wide);
            const float *p = offsets.data() + 2 * (size_t(b.first) * wide + a.first), *q = p + 2 * wide;
            float place[2] = {(column + i + 0.5f - left) / side, (row + j + 0.5f - top) / side};
            for (int d = 0; d < 2; d++) {
                float above = p[d] + (p[d + 2] - p[d]) * a.share, below = q[d] + (q[d + 2] - q[d]) * a.share;
                *out++ = place[d] + above + (below - above) * b.share;
            }
        }
    }
}

// An arch of teeth: see `Teeth`.
struct Arch {
    const float *outside; // (outside_rows, outside_columns, 8): color, opacity, normal, how far it is the photo's own
    const float *chewing; // (chewing_rows, chewing_columns, 4): color, opacity
    const float *x, *z, *s; // (places,) along the arch
    int outside_rows, outside_columns, chewing_rows, chewing_columns, places;
};

// In the order of `Teeth.for_kernel`.
struct ArchFigures {
    float middle, edge, front, upward;
    float outside[4], chewing[4]; // left, top, width, height
};

// In the order of `OralCavity._constants`.
struct OralFigures {
    float light_share, light_front, white, light[3], halfway[3];
    float tilt, gloss, half_span, grazed[2];
    float thick, dark[3], flesh[3];
    float tongue[3], tongue_gloss, tongue_lit, lower[3], upper[3];
    float body[3], body_axes[3], root[3], rest[3], between[3], ridge[3], blade[2], rims[2];
};

namespace {

constexpr int MEETINGS = 256;
constexpr float FAR = 9.0f;

INLINE float dot(const float *a, const float *b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

// A Placement: matrix row by row, then offset.
INLINE void placed(const float *placement, const float *point, float *out) {
    for (int k = 0; k < 3; k++) out[k] = dot(placement + 3 * k, point) + placement[9 + k];
}

// A direction of the frame in face space, of length 1.
INLINE void turned_into(const float *placement, const float *direction, float *out) {
    for (int k = 0; k < 3; k++)
        out[k] = direction[0] * placement[k] + direction[1] * placement[3 + k] + direction[2] * placement[6 + k];
    float length = 1 / std::max(std::sqrt(dot(out, out)), 1e-12f);
    for (int k = 0; k < 3; k++) out[k] *= length;
}

// See `placement.Sight`.
struct Sight {
    float plane[2][3], slope[2], across[3], along;
};

INLINE Sight sight_of(const float *m) {
    float squares = 0, inverse[9], start[3];
    for (int k = 0; k < 9; k++) squares += m[k] * m[k];
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++) inverse[3 * r + c] = m[3 * c + r] / (squares / 3);
    for (int r = 0; r < 3; r++) start[r] = dot(inverse + 3 * r, m + 9);
    Sight s;
    float rows[3][3];
    for (int r = 0; r < 3; r++) rows[r][0] = inverse[3 * r], rows[r][1] = inverse[3 * r + 1], rows[r][2] = -start[r];
    s.slope[0] = inverse[2] / inverse[8], s.slope[1] = inverse[5] / inverse[8];
    for (int r = 0; r < 2; r++)
        for (int c = 0; c < 3; c++) s.plane[r][c] = rows[r][c] - s.slope[r] * rows[2][c];
    s.along = m[8] + m[6] * s.slope[0] + m[7] * s.slope[1];
    for (int c = 0; c < 3; c++) s.across[c] = m[6] * s.plane[0][c] + m[7] * s.plane[1][c] + (c == 2 ? m[11] : 0);
    return s;
}

// See `Teeth._meeting`: s, z and whole, by x at the arch's front.
INLINE void meeting(const Arch &arch, const OralFigures &g, float slope, float (*table)[4]) {
    int n = arch.places, middle = n / 2;
    std::vector<float> rising(n);
    float best = 1e9f;
    for (int k = middle - 1; k >= 0; k--) rising[k] = best = std::min(best, arch.x[k] - slope * arch.z[k]);
    best = -1e9f;
    for (int k = middle; k < n; k++) rising[k] = best = std::max(best, arch.x[k] - slope * arch.z[k]);
    float s[MEETINGS];
    bool missed[MEETINGS];
    int index = 0;
    for (int t = 0; t < MEETINGS; t++) {
        float target = ((t + 0.5f) / MEETINGS * 2 - 1) * g.half_span;
        while (index < n && rising[index] < target) index++;
        int at = std::min(std::max(index, 1), n - 1);
        float part = held((target - rising[at - 1]) / std::max(rising[at] - rising[at - 1], 1e-5f), 0, 1);
        s[t] = arch.s[at - 1] + (arch.s[at] - arch.s[at - 1]) * part;
        table[t][1] = arch.z[at - 1] + (arch.z[at] - arch.z[at - 1]) * part;
        missed[t] = target < rising[0] || target > rising[n - 1];
        table[t][0] = missed[t] ? FAR : s[t], table[t][3] = 0;
    }
    for (int t = 0; t < MEETINGS; t++) {
        float before = t ? std::abs(s[t] - s[t - 1]) : 0, after = t < MEETINGS - 1 ? std::abs(s[t + 1] - s[t]) : 0;
        float pressed = std::max(before, after) * (MEETINGS / 2 / g.half_span);
        table[t][2] = 1 - smoothstep(pressed, g.grazed[0], g.grazed[1]);
    }
}

// Samples of a picture over a rectangle, beyond which there is nothing.
template <class T>
INLINE T over_rectangle(const float *image, int rows, int columns, const float *rectangle, float x, float y) {
    constexpr int channels = sizeof(T) / sizeof(float);
    x = (x - rectangle[0]) / rectangle[2] * columns - 0.5f, y = (y - rectangle[1]) / rectangle[3] * rows - 0.5f;
    T sum = {};
    if (!(x > -1 && y > -1 && x < columns && y < rows)) return sum;
    int i = int(std::floor(x)), j = int(std::floor(y));
    float u = x - i, v = y - j;
    for (int r = 0; r < 2; r++)
        for (int c = 0; c < 2; c++) {
            if (i + c < 0 || j + r < 0 || i + c >= columns || j + r >= rows) continue;
            sum += load<T>(image + (size_t(j + r) * columns + i + c) * channels) * ((c ? u : 1 - u) * (r ? v : 1 - v));
        }
    return sum;
}

struct Lit {
    float diffuse, gloss;
};

// See `Light.shading`.
INLINE Lit lit(const OralFigures &g, float facing, float shine, float gloss, float share) {
    shine = std::max(shine, 0.0f);
    float sharp = shine * shine;
    sharp *= sharp, sharp *= sharp, sharp *= sharp;
    return {std::max(facing, 0.0f) * (share * g.light_share) + (1 - share * g.light_share * g.light_front),
            sharp * sharp * sharp * (gloss * g.white)};
}

// An ellipsoid under parallel lines of sight: see `tongue._Part.ellipsoid`.
struct Ellipsoid {
    float xx, yx, zx, yy, zy, zz, x, y, z, rim;
};

INLINE Ellipsoid ellipsoid(const float *center, const float *axes, float rim) {
    auto s = [&](int r, int c) { return dot(axes + 3 * r, axes + 3 * c); };
    Ellipsoid e;
    e.xx = std::sqrt(s(0, 0)), e.yx = s(1, 0) / e.xx, e.zx = s(2, 0) / e.xx;
    e.yy = std::sqrt(s(1, 1) - e.yx * e.yx), e.zy = (s(2, 1) - e.yx * e.zx) / e.yy;
    e.zz = std::sqrt(s(2, 2) - e.zx * e.zx - e.zy * e.zy);
    e.x = center[0], e.y = center[1], e.z = center[2], e.rim = rim;
    return e;
}

struct Part {
    float depth, cover, facing, shine;
};

INLINE Part met(const Ellipsoid &e, const OralFigures &g, float px, float py) {
    float u = (px - e.x) / e.xx, v = (py - e.y) / e.yy - u * (e.yx / e.yy), inside = 1 - u * u - v * v;
    float w = std::sqrt(std::max(inside, 0.0f));
    float nz = -w / e.zz, ny = (v - e.zy * nz) / e.yy, nx = (u - e.yx * ny - e.zx * nz) / e.xx;
    float normal[3] = {nx, ny, nz}, length = 1 / std::sqrt(dot(normal, normal));
    return {e.z + e.zx * u + e.zy * v - e.zz * w, held(inside / e.rim, 0, 1), dot(normal, g.light) * length,
            dot(normal, g.halfway) * length};
}

} // namespace

// See `OralCavity.draw` for a tongue that comes between the teeth at most: (3, rows, columns) what a window shows behind the lips.
// skull, jaw: placements (matrix row by row, offset). share: (rows, columns) where it is 0 nothing is asked.
// light_inside: (4, rows, columns), see `OralCavity._light_inside`.
KERNEL void inside(const Arch *arches, const ArchFigures *arch_figures, const OralFigures *figures, const float *skull,
                   const float *jaw, float raised, float put_out, const float *share, const float *light_inside, float side, float left,
                   float top, int row, int column, int rows, int columns, float *out) {
    const OralFigures &g = *figures;
    const float *placements[2] = {skull, jaw};
    Sight sights[2];
    float table[2][MEETINGS][4], towards[2][2][3], facing[2], incline[2];
    for (int k = 0; k < 2; k++) {
        const Sight &s = sights[k] = sight_of(placements[k]);
        meeting(arches[k], g, s.slope[0], table[k]);
        turned_into(placements[k], g.light, towards[k][0]), turned_into(placements[k], g.halfway, towards[k][1]);
        incline[k] = (s.slope[1] + g.tilt) * arch_figures[k].upward;
        facing[k] = smoothstep(incline[k], 0.02f, 0.10f) * (1 - smoothstep(std::abs(s.slope[0]), 0.25f, 0.5f));
    }
    float unit = std::sqrt(skull[0] * skull[0] + skull[3] * skull[3] + skull[6] * skull[6]);
    float nearer = 1 / (g.thick * std::sqrt(dot(skull, skull)));

    // The tongue: see `Tongue.seen`.
    auto from = [&](const float *edge, const float *way, const float *placement, float *where) {
        float point[3] = {edge[0] + way[0], edge[1] + way[1], edge[2] + way[2]};
        placed(placement, point, where);
    };
    float center[3], tip[3], ahead[3], root[3], ridge[3], front[3], edge[3], axes[9];
    from(g.lower, g.body, jaw, center), from(g.lower, g.rest, jaw, tip), from(g.lower, g.root, jaw, root);
    from(g.upper, g.ridge, skull, ridge), placed(skull, g.upper, front);
    from(g.lower, g.between, jaw, ahead), placed(jaw, g.lower, edge);
    float come = smoothstep(put_out, 0, 0.3f);
    for (int k = 0; k < 3; k++) {
        tip[k] += (ahead[k] - tip[k]) * come;
        tip[k] += (ridge[k] - tip[k]) * (raised * (1 - come));
    }
    for (int k = 0; k < 9; k++) axes[k] = jaw[k] * g.body_axes[k % 3];
    Ellipsoid body = ellipsoid(center, axes, g.rims[0]);
    float along[3], across[3], normal[3], middle[3];
    for (int k = 0; k < 3; k++) {
        along[k] = (tip[k] - root[k]) / 2, across[k] = jaw[3 * k] / unit, middle[k] = (tip[k] + root[k]) / 2;
    }
    normal[0] = across[1] * along[2] - across[2] * along[1], normal[1] = across[2] * along[0] - across[0] * along[2];
    normal[2] = across[0] * along[1] - across[1] * along[0];
    float length = 1 / std::max(std::sqrt(dot(normal, normal)), 1e-12f);
    for (int k = 0; k < 3; k++) {
        axes[3 * k] = across[k] * g.blade[0] * unit, axes[3 * k + 1] = normal[k] * length * g.blade[1] * unit;
        axes[3 * k + 2] = along[k] * 1.12f;
    }
    Ellipsoid blade = ellipsoid(middle, axes, g.rims[1]);
    float soft = 0.07f * unit, slope_x = skull[2] / skull[8], slope_y = skull[5] / skull[8];

    size_t plane = size_t(rows) * columns;
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < columns; i++) {
            size_t at = size_t(j) * columns + i;
            if (share[at] <= 0) {
                for (int c = 0; c < 3; c++) out[c * plane + at] = 0;
                continue;
            }
            float px = (column + i + 0.5f - left) / side, py = (row + j + 0.5f - top) / side;
            float near_light = light_inside[at], lip_shadow = light_inside[plane + at];
            float wide = light_inside[2 * plane + at], overhead = light_inside[3 * plane + at];
            float at_teeth = std::min(0.70f + 0.36f * near_light + 0.14f * wide, 1.0f) *
                             (1 - std::min(0.30f * lip_shadow, 0.16f));
            float deep = std::min(0.36f + 1.1f * wide, 1.0f) * std::max(1 - 0.8f * overhead, 0.4f);

            Part a = met(body, g, px, py), b = met(blade, g, px, py);
            float joined = held(0.5f + (b.depth - a.depth) / (2 * soft) + a.cover - b.cover, 0, 1) * a.cover;
            Lit on_tongue = lit(g, b.facing + (a.facing - b.facing) * joined, b.shine + (a.shine - b.shine) * joined,
                                g.tongue_gloss, 0.9f);
            float depth = b.depth + (a.depth - b.depth) * joined, cover = a.cover + b.cover * (1 - a.cover);
            float off = (px - center[0]) / (0.035f * unit), tone = 1 - 0.12f * std::exp(-off * off);
            // How far it is before the lower incisors: there it lies in the light.
            deep += (1 - deep) * held(0.2f * (edge[2] - depth) * nearer + 0.5f, 0, 1) * come;
            float behind = depth - front[2] + (px - front[0]) * slope_x + (py - front[1]) * slope_y;
            behind = std::max(behind, 0.0f) / (g.tongue_lit * unit);
            float seen = 1 / (1 + behind * behind * behind);
            float color[3];
            for (int c = 0; c < 3; c++) {
                float own = (g.tongue[c] * on_tongue.diffuse + on_tongue.gloss) * tone;
                own = g.dark[c] + (own - g.dark[c]) * seen;
                float wall = g.dark[c] * (0.65f + 0.3f * wide);
                color[c] = wall + (own * deep - wall) * cover;
            }

            for (int k = 1; k >= 0; k--) { // lower teeth, then upper ones: see `Teeth.seen`
                const Sight &s = sights[k];
                const Arch &arch = arches[k];
                const ArchFigures &f = arch_figures[k];
                float x0 = s.plane[0][0] * px + s.plane[0][2] + s.plane[0][1] * py - f.middle + s.slope[0] * f.front;
                float y0 = s.plane[1][0] * px + s.plane[1][2] + s.plane[1][1] * py - f.edge + s.slope[1] * f.front;
                float place = held((x0 + g.half_span) / (2 * g.half_span) * MEETINGS - 0.5f, 0, MEETINGS - 1);
                int first = std::min(int(place), MEETINGS - 2);
                Four one = load<Four>(table[k][first]), two = load<Four>(table[k][first + 1]);
                Four met_at = one + (two - one) * (place - first);
                float z = met_at[1], height = f.upward * (y0 + (s.slope[1] + g.tilt) * z);
                Eight p = over_rectangle<Eight>(arch.outside, arch.outside_rows, arch.outside_columns, f.outside,
                                                met_at[0], height);
                float n[3] = {p[4], p[5], p[6]}, opacity = p[3] * met_at[2], own = p[7];
                Lit light = lit(g, dot(n, towards[k][0]), dot(n, towards[k][1]), g.gloss, 1.0f);
                float tooth[3];
                for (int c = 0; c < 3; c++) {
                    float bright = p[c] * light.diffuse + light.gloss;
                    tooth[c] = bright + (p[c] - bright) * own;
                }
                if (facing[k] > 0) {
                    float z_plane = -(f.upward * y0 - 0.012f) / std::max(incline[k], 0.02f);
                    Four chewing = over_rectangle<Four>(arch.chewing, arch.chewing_rows, arch.chewing_columns, f.chewing,
                                                        x0 + s.slope[0] * z_plane, z_plane);
                    float above = chewing[3] * facing[k] * (1 - opacity);
                    opacity += above;
                    float part = above / std::max(opacity, 1e-3f);
                    for (int c = 0; c < 3; c++)
                        tooth[c] += (chewing[c] * (0.55f + 0.3f * facing[k]) - tooth[c]) * part;
                }
                float tooth_depth = s.across[0] * px + s.across[2] + s.across[1] * py + s.along * (z + f.front);
                float before = held((tooth_depth - depth) * nearer + 0.5f, 0, 1) * cover;
                float shade = at_teeth + (1 - at_teeth) * own, shown = opacity * (1 - before);
                for (int c = 0; c < 3; c++) color[c] += (g.flesh[c] + (tooth[c] - g.flesh[c]) * shade - color[c]) * shown;
            }
            for (int c = 0; c < 3; c++) out[c * plane + at] = color[c];
        }
}

// (3, height, width) 0..255 -> (height, width, 3) bytes, rounded.
KERNEL void bytes(const float *frames, int size, uint8_t *out) {
    for (int k = 0; k < size; k++)
        for (int c = 0; c < 3; c++)
            out[3 * k + c] = uint8_t(std::nearbyint(held(frames[size_t(c) * size + k], 0, 255)));
}

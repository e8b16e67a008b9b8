/* Latencies in buckets of at most 3 % width, so that every single delivery can be counted. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

enum { HISTOGRAM_BUCKETS = 1024 };

struct histogram {
  uint64_t count, max_us;
  uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* One by one up to 64 µs, then 32 buckets to each power of two. */
static inline void histogram_add(struct histogram *h, uint64_t us) {
  int shift = us < 64 ? 0 : 58 - __builtin_clzll(us);
  h->buckets[us < 64 ? us : (uint64_t)(32 * shift) + (us >> shift)]++;
  h->count++;
  if (us > h->max_us) h->max_us = us;
}

static inline double histogram_quantile(const struct histogram *h, double quantile) {
  uint64_t wanted = (uint64_t)(quantile * (double)h->count), seen = 0;
  for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
    seen += h->buckets[i];
    if (seen <= wanted) continue;
    int shift = i < 64 ? 0 : i / 32 - 1;
    double value = i < 64 ? i : ((double)(i - 32 * shift) + 0.5) * (double)(1ull << shift);
    return value < (double)h->max_us ? value : (double)h->max_us;
  }
  return (double)h->max_us;
}

static inline void histogram_print(const struct histogram *h) {
  printf("{\"count\":%llu,\"p50\":%.0f,\"p99\":%.0f,\"max\":%llu}", (unsigned long long)h->count,
         histogram_quantile(h, 0.5), histogram_quantile(h, 0.99), (unsigned long long)h->max_us);
}

#endif

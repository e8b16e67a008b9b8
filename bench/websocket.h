/* The part of RFC 6455 that the load generator and the control need: one fixed handshake, frame headers, masking. */
#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The key of section 1.3 and its answer: with a fixed key, neither side needs SHA-1. */
#define WS_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define WS_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

enum { WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };
enum { WS_MAX_HEADER = 14 };

struct ws_frame {
  int opcode;
  size_t header, length;
  const uint8_t *mask; /* NULL where the frame has none */
};

/* Reads the header of the frame at `bytes`; 0 where not even that is whole yet. */
static inline int ws_read(const uint8_t *bytes, size_t count, struct ws_frame *frame) {
  if (count < 2) return 0;
  size_t at = 2, length = bytes[1] & 0x7f;
  size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  size_t masked = bytes[1] & 0x80 ? 4 : 0;
  if (count < at + extended + masked) return 0;
  if (extended) {
    length = 0;
    for (size_t i = 0; i < extended; i++) length = length << 8 | bytes[at++];
  }
  frame->mask = masked ? bytes + at : NULL;
  frame->opcode = bytes[0] & 0x0f;
  frame->header = at + masked;
  frame->length = length;
  return 1;
}

/* Writes the header of a whole frame and returns its length; a mask's four bytes are left for the caller to append. */
static inline size_t ws_header(uint8_t *to, int opcode, size_t length, int masked) {
  size_t at = 2, extended = length < 126 ? 0 : length < 65536 ? 2 : 8;
  to[0] = (uint8_t)(0x80 | opcode);
  to[1] = (uint8_t)((masked ? 0x80 : 0) | (extended == 0 ? length : extended == 2 ? 126 : 127));
  for (size_t i = extended; i-- > 0;) to[at++] = (uint8_t)(length >> (8 * i));
  return at;
}

/* Masks or unmasks, eight bytes at a time. */
static inline void ws_mask(uint8_t *to, const uint8_t *from, size_t length, const uint8_t mask[4]) {
  uint32_t word;
  memcpy(&word, mask, 4);
  uint64_t twice = (uint64_t)word << 32 | word;
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    uint64_t chunk;
    memcpy(&chunk, from + i, 8);
    chunk ^= twice;
    memcpy(to + i, &chunk, 8);
  }
  for (; i < length; i++) to[i] = from[i] ^ mask[i & 3];
}

#endif

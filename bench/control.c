/*
 * The control: a server that does what the kernel asks for, and nothing else. Reads everything that has arrived, then
 * writes the batch of frames once to each reader. Parses no JSON, stores nothing, checks nothing.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "websocket.h"

enum { MAX_FDS = 65536, MAX_EVENTS = 1024, READ_BYTES = 1 << 18, LISTEN_BACKLOG = 4096 };

struct bytes {
  uint8_t *data;
  size_t length, room;
};

struct reader {
  int fd, open;
  struct bytes in, out; /* the part of a frame that has come, the part of a batch that did not fit */
};

static struct reader readers[MAX_FDS]; /* by descriptor */
static int highest, poller;
static struct bytes batch;

static void append(struct bytes *to, const void *from, size_t length) {
  if (to->length + length > to->room) {
    to->room = 2 * (to->length + length);
    to->data = realloc(to->data, to->room);
    if (!to->data) abort();
  }
  memcpy(to->data + to->length, from, length);
  to->length += length;
}

static void watch(struct reader *r, int change, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = r};
  epoll_ctl(poller, change, r->fd, &event);
}

static void leave(struct reader *r) {
  close(r->fd);
  free(r->in.data);
  free(r->out.data);
  *r = (struct reader){0};
}

/* Bytes that a socket does not take now wait, in order, until it can be written. */
static void put(struct reader *r, const uint8_t *data, size_t length) {
  if (r->out.length == 0) {
    ssize_t written = send(r->fd, data, length, MSG_NOSIGNAL);
    if (written == (ssize_t)length) return;
    if (written < 0 && errno != EAGAIN) return;
    if (written > 0) data += written, length -= (size_t)written;
    watch(r, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  }
  append(&r->out, data, length);
}

static void flush(struct reader *r) {
  ssize_t written = send(r->fd, r->out.data, r->out.length, MSG_NOSIGNAL);
  if (written <= 0) return;
  r->out.length -= (size_t)written;
  memmove(r->out.data, r->out.data + written, r->out.length);
  if (r->out.length == 0) watch(r, EPOLL_CTL_MOD, EPOLLIN);
}

/* Takes whole frames from `data` into the batch; returns how much it took. */
static size_t take(const uint8_t *data, size_t count) {
  size_t at = 0;
  struct ws_frame frame;
  while (ws_read(data + at, count - at, &frame) && at + frame.header + frame.length <= count) {
    const uint8_t *payload = data + at + frame.header;
    at += frame.header + frame.length;
    if (frame.opcode != WS_TEXT && frame.opcode != WS_BINARY) continue;
    uint8_t header[WS_MAX_HEADER];
    append(&batch, header, ws_header(header, frame.opcode, frame.length, 0));
    append(&batch, payload, frame.length);
    uint8_t *copy = batch.data + batch.length - frame.length;
    if (frame.mask) ws_mask(copy, copy, frame.length, frame.mask);
  }
  return at;
}

static void receive(struct reader *r) {
  static uint8_t buffer[READ_BYTES];
  ssize_t got = recv(r->fd, buffer, sizeof buffer, 0);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) leave(r);
    return;
  }
  if (!r->open) {
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                 "Sec-WebSocket-Accept: " WS_ACCEPT "\r\n\r\n";
    if (!memmem(buffer, (size_t)got, "\r\n\r\n", 4)) return;
    r->open = 1;
    put(r, (const uint8_t *)answer, sizeof answer - 1);
    return;
  }
  if (r->in.length == 0) {
    size_t taken = take(buffer, (size_t)got);
    if (taken < (size_t)got) append(&r->in, buffer + taken, (size_t)got - taken);
    return;
  }
  append(&r->in, buffer, (size_t)got);
  size_t taken = take(r->in.data, r->in.length);
  r->in.length -= taken;
  memmove(r->in.data, r->in.data + taken, r->in.length);
}

static void accept_all(int listener) {
  for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
    if (fd >= MAX_FDS) {
      close(fd);
      continue;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (fd > highest) highest = fd;
    readers[fd].fd = fd;
    watch(&readers[fd], EPOLL_CTL_ADD, EPOLLIN);
  }
}

int main(void) {
  const char *port = getenv("PORT");
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port ? port : "8000"))};
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, LISTEN_BACKLOG)) {
    perror("control");
    return 1;
  }
  poller = epoll_create1(0);
  struct reader acceptor = {.fd = listener};
  watch(&acceptor, EPOLL_CTL_ADD, EPOLLIN);
  for (;;) {
    struct epoll_event events[MAX_EVENTS];
    int count = epoll_wait(poller, events, MAX_EVENTS, -1);
    for (int i = 0; i < count; i++) {
      struct reader *r = events[i].data.ptr;
      if (r == &acceptor) {
        accept_all(listener);
        continue;
      }
      if (events[i].events & EPOLLOUT) flush(r);
      if (events[i].events & ~(uint32_t)EPOLLOUT) receive(r);
    }
    if (batch.length == 0) continue;
    for (int fd = 0; fd <= highest; fd++)
      if (readers[fd].open) put(&readers[fd], batch.data, batch.length);
    batch.length = 0;
  }
}

/*
 * The load generator, one for every server: opens readers, lets some of them send, counts the messages that each of them
 * reads, and takes the time from a message's sending to each reader, to the last one and to its sender. Prints one line of JSON.
 *
 * Long, for it is a whole client of three wires in the one language that is not itself the bottleneck.
 *
 *   load port=8000 pid=123 wire=heartline|tutorial|socketio warm=1 seconds=4 [storm=1000 back=200] [awake=1] [long=1]
 *        [bytes=120] [collect=1] [rounds=2] GROUP...
 *   GROUP: name=small,path=/rooms/small-,rooms=199,readers=5,senders=1,window=0,rate=1,watched=1,source=127.0.0.3
 *
 * A sender has `window` messages under way and sends the next when it reads its own again; with `window` 0 the room is
 * sent `rate` messages a second whatever happens. Readers of a `watched` group are read first, so that their time is
 * spent in the server and not in this process. `storm` readers return at once, again and again, `back` messages behind.
 * With `awake` it never sleeps: waking it would cost the server an interrupt to another core, the more often the slower it is.
 * A message has `bytes` letters.
 * With `long` the tutorial's frames carry the fields of the relay's (`seq`, `id`, `from`, `at`), and so are as long.
 * With `collect` SIGUSR2 tells the server to collect its garbage, before its memory is read for the first time and when
 * measuring begins, so that the memory read at the end is what the connections keep.
 * With `rounds` it measures so many times over the same connections, prints a line for each, and begins each round but the
 * first when it gets SIGUSR1. A lost connection then ends nothing: it is counted, and so is what was not read in order.
 * A group's connections come from the address `source`.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "histogram.h"
#include "process.h"
#include "websocket.h"

enum {
  READ_BYTES = 1 << 18,
  MESSAGE_BYTES = 120,
  MAX_MESSAGE_BYTES = 300,
  MAX_GROUPS = 8,
  MAX_DIALING = 300, /* below the backlog of any server */
  CONNECT_MS = 120000,
  SETTLE_MS = 500,
  GRACE_MS = 5000, /* how long after the last round a message may still arrive */
  COLLECT_MS = 1500, /* a collection takes up to 0.7 s, and the kernel has the memory a second later */
  STORM_PAUSE_MS = 300,
  MARK_LENGTH = 13, /* '@', the room in 4 digits of hex, the message in 8 */
};

enum wire { HEARTLINE, TUTORIAL, SOCKETIO };
enum state { CLOSED, DIALING, GREETING, READY };
enum phase { CONNECTING, SETTLING, WARMING, WAITING, MEASURING, STORMING, ENDING, OVER };

struct record {
  uint64_t sent_ns;
  uint32_t number, left;
  struct connection *sender;
};

struct group {
  const char *name, *path, *source;
  int rooms, readers, senders, window, watched;
  double rate;
  uint64_t sent, delivered, closed, refused, misplaced;
  struct histogram each, last, echo;
};

struct room {
  struct group *group;
  struct connection *members;
  struct record *records;
  uint32_t index, number, ring, turn;
  uint64_t due_ns;
};

struct connection {
  struct room *room;
  int fd;
  uint8_t state, sender, returning, more;
  long replay; /* messages of a page still to come */
  long seq;    /* the last one read */
  uint8_t *in, *out;
  size_t in_length, in_room, out_length, out_room;
};

static struct group groups[MAX_GROUPS];
static struct room *rooms;
static struct connection *connections, *returners;
static int group_count, room_count, connection_count, dialed, dialing, ready;
static int port, pid, back, storm, poller, first_poller;
static double warm_s, measure_s;
static enum wire wire;
static int long_frames, awake, collect, found, rounds = 1, round_number, message_bytes = MESSAGE_BYTES;
static volatile sig_atomic_t next_round;
static enum phase phase = CONNECTING;
static uint64_t now_ns, phase_ns, round_ns, ready_ns, storm_ns, pause_ns;
static uint64_t closed, refused, strays, reads;
static char epoch[80];
static long head;
static int returned, storming, storm_dialed, hung_up;
static uint64_t storm_us, storm_delivered;
static struct histogram storm_each, storm_last, storm_length;

static uint64_t clock_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "load: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  exit(1);
}

static void append(uint8_t **data, size_t *length, size_t *room, const void *from, size_t count) {
  if (*length + count > *room) {
    *room = 2 * (*length + count);
    *data = realloc(*data, *room);
    if (!*data) die("out of memory");
  }
  memcpy(*data + *length, from, count);
  *length += count;
}

/* ---- sockets ---- */

static void watch(struct connection *c, int change, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  int watched = c->room->group->watched && !c->returning;
  epoll_ctl(watched ? first_poller : poller, change, c->fd, &event);
}

/* Binds a socket to the address that its group comes from. */
static void bind_to(int fd, const char *source) {
  struct sockaddr_in from = {.sin_family = AF_INET};
  if (!inet_pton(AF_INET, source, &from.sin_addr)) die("not an IPv4 address: %s", source);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
  if (bind(fd, (struct sockaddr *)&from, sizeof from)) die("cannot come from %s: %s", source, strerror(errno));
}

static void dial(struct connection *c) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0) die("no more sockets: %s", strerror(errno));
  if (c->room->group->source) bind_to(c->fd, c->room->group->source);
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
  if (connect(c->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) die("cannot connect: %s", strerror(errno));
  c->state = DIALING;
  dialing++;
  watch(c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

static void hang_up(struct connection *c) {
  if (c->state == CLOSED) return;
  if (c->state != READY) dialing--;
  c->state = CLOSED;
  close(c->fd);
  free(c->in);
  free(c->out);
  c->in = c->out = NULL;
  c->in_length = c->in_room = c->out_length = c->out_room = 0;
}

static void lose(struct connection *c) {
  if (c->state == READY) ready--;
  hang_up(c);
  closed++;
  c->room->group->closed++;
}

static void flush(struct connection *c) {
  if (c->out_length == 0 || c->state == CLOSED) return;
  ssize_t written = send(c->fd, c->out, c->out_length, MSG_NOSIGNAL);
  if (written < 0 && errno != EAGAIN) return lose(c);
  if (written > 0) {
    c->out_length -= (size_t)written;
    memmove(c->out, c->out + written, c->out_length);
  }
  watch(c, EPOLL_CTL_MOD, c->out_length ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void put_raw(struct connection *c, const void *data, size_t length) {
  append(&c->out, &c->out_length, &c->out_room, data, length);
}

static void put_frame(struct connection *c, int opcode, const void *payload, size_t length) {
  static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  uint8_t frame[WS_MAX_HEADER + 1024];
  if (length > sizeof frame - WS_MAX_HEADER) return;
  size_t at = ws_header(frame, opcode, length, 1);
  memcpy(frame + at, mask, 4);
  ws_mask(frame + at + 4, payload, length, mask);
  put_raw(c, frame, at + 4 + length);
}

static void put_text(struct connection *c, const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  put_frame(c, WS_TEXT, text, (size_t)length);
}

/* ---- sending ---- */

static void send_message(struct connection *c) {
  static char rest[MAX_MESSAGE_BYTES - MARK_LENGTH + 1];
  if (!rest[0]) memset(rest, 'x', (size_t)(message_bytes - MARK_LENGTH));
  struct room *room = c->room;
  uint32_t number = room->number++;
  struct record *record = &room->records[number & (room->ring - 1)];
  *record = (struct record){clock_ns(), number, (uint32_t)room->group->readers, c};
  if (phase >= MEASURING) room->group->sent++;
  switch (wire) {
    case HEARTLINE:
      put_text(c, "{\"type\":\"normal\",\"id\":\"%04x%08x\",\"message\":\"@%04x%08x%s\"}", room->index, number, room->index,
               number, rest);
      break;
    case TUTORIAL:
      if (long_frames)
        put_text(c,
                 "{\"type\":\"normal\",\"seq\":%u,\"id\":\"%04x%08x\",\"from\":\"%022u\",\"user\":\"u%d\","
                 "\"message\":\"@%04x%08x%s\",\"at\":1700000000000}",
                 number, room->index, number, number, (int)(c - connections), room->index, number, rest);
      else
        put_text(c, "{\"type\":\"normal\",\"user\":\"someone\",\"message\":\"@%04x%08x%s\"}", room->index, number, rest);
      break;
    case SOCKETIO:
      put_text(c, "42[\"message\",{\"type\":\"normal\",\"user\":\"someone\",\"message\":\"@%04x%08x%s\"}]", room->index, number,
               rest);
  }
}

/* The connection that sends next in a room to which messages come at a rate. */
static struct connection *next_sender(struct room *room) {
  for (int i = 0; i < room->group->readers; i++) {
    struct connection *c = &room->members[room->turn++ % (uint32_t)room->group->readers];
    if (c->sender && c->state == READY) return c;
  }
  return NULL;
}

static void send_at_rate(void) {
  for (int i = 0; i < room_count; i++) {
    struct room *room = &rooms[i];
    if (room->group->rate <= 0 || now_ns < room->due_ns) continue;
    struct connection *c = next_sender(room);
    if (c) {
      send_message(c);
      flush(c);
    }
    room->due_ns += (uint64_t)(1e9 / room->group->rate);
  }
}

/* Spread over a second, or all rooms would speak at once. */
static void spread_rooms(void) {
  for (int i = 0; i < room_count; i++) {
    double rate = rooms[i].group->rate;
    if (rate > 0) rooms[i].due_ns = now_ns + (uint64_t)(1e9 / rate * ((double)i / room_count));
  }
}

static void begin_to_send(void) {
  spread_rooms();
  for (int i = 0; i < room_count; i++) {
    struct room *room = &rooms[i];
    for (int j = 0; j < room->group->readers; j++) {
      struct connection *c = &room->members[j];
      int count = !c->sender ? 0 : room->group->window ? room->group->window : storm ? 2 * back : 0;
      for (int k = 0; k < count; k++) send_message(c);
      flush(c);
    }
  }
}

/* ---- reading ---- */

static uint32_t hex(const uint8_t *digits, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; i++) value = value << 4 | ((digits[i] & 0xfu) + (digits[i] > '9' ? 9u : 0u));
  return value;
}

static long number_after(const uint8_t *text, size_t length, const char *name) {
  const uint8_t *at = memmem(text, length, name, strlen(name));
  return at ? strtol((const char *)at + strlen(name), NULL, 10) : 0;
}

static void count_delivery(struct connection *c, const uint8_t *payload, size_t length) {
  const uint8_t *mark = memchr(payload, '@', length);
  if (!mark || (size_t)(payload + length - mark) < MARK_LENGTH) return;
  struct room *room = c->room;
  uint32_t number = hex(mark + 5, 8);
  struct record *record = &room->records[number & (room->ring - 1)];
  if (hex(mark + 1, 4) != room->index || record->number != number || record->left == 0) {
    strays++;
    return;
  }
  struct group *group = room->group;
  uint64_t us = (now_ns - record->sent_ns) / 1000;
  int in_storm = phase == STORMING && storm_ns && record->sent_ns >= storm_ns;
  /* Over several rounds, every message belongs to the one in which it was sent. */
  int measured = phase == MEASURING && (rounds == 1 || record->sent_ns >= round_ns);
  if (phase == ENDING) measured = record->sent_ns >= round_ns;
  if (measured) {
    group->delivered++;
    histogram_add(&group->each, us);
    if (record->sender == c) histogram_add(&group->echo, us);
  }
  if (in_storm) histogram_add(&storm_each, us);
  if (--record->left == 0) {
    if (measured) histogram_add(&group->last, us);
    if (in_storm) histogram_add(&storm_last, us);
  }
  if (record->sender == c && group->window) send_message(c);
}

static void become_ready(struct connection *c) {
  c->state = READY;
  dialing--;
  if (!c->returning) ready++;
}

/* The end of a page: more of it is asked for, or the reader is live. */
static void page_read(struct connection *c, long last) {
  if (c->more) {
    c->more = 0;
    return put_text(c, "{\"type\":\"more\",\"after\":%ld}", last);
  }
  if (c->state == GREETING) become_ready(c);
  if (c->returning == 1) {
    c->returning = 2;
    returned++;
  }
}

/* A message: the type comes first, or after `seq`, which an entry of a log of format 2 begins with. */
static int is_message(const uint8_t *payload, size_t length) {
  static const char seq[] = "{\"seq\":", type[] = "\"type\":\"normal\"";
  size_t at = 1;
  if (memcmp(payload, seq, sizeof seq - 1) == 0) {
    at = sizeof seq - 1;
    while (at < length && payload[at] >= '0' && payload[at] <= '9') at++;
    at++;
  }
  return at + sizeof type - 1 <= length && memcmp(payload + at, type, sizeof type - 1) == 0;
}

/* Counts an entry that does not follow the last one that this connection read: one is missing, or came before. */
static void check_order(struct connection *c, const uint8_t *payload) {
  long seq = number_after(payload, 40, "\"seq\":");
  if (c->seq && seq != c->seq + 1) c->room->group->misplaced++;
  c->seq = seq;
}

static void read_heartline(struct connection *c, const uint8_t *payload, size_t length) {
  static const char page[] = "{\"type\":\"page\"", welcome[] = "{\"type\":\"welcome\"",
                    refusal[] = "{\"type\":\"refused\"";
  if (length < sizeof refusal) return;
  if (is_message(payload, length)) {
    if (phase == STORMING) storm_delivered++;
    if (rounds > 1) check_order(c, payload);
    if (c->returning == 0) count_delivery(c, payload, length);
    if (c == connections && storm) head = number_after(payload, 40, "\"seq\":");
    if (c->replay > 0 && --c->replay == 0) page_read(c, number_after(payload, 40, "\"seq\":"));
  } else if (memcmp(payload, page, sizeof page - 1) == 0) {
    c->replay = number_after(payload, length, "\"replay\":");
    c->more = memmem(payload, length, "\"more\":true", 11) != NULL;
    if (c->replay == 0) page_read(c, 0);
  } else if (memcmp(payload, welcome, sizeof welcome - 1) == 0) {
    const uint8_t *at = epoch[0] ? NULL : memmem(payload, length, "\"epoch\":\"", 9);
    if (at) sscanf((const char *)at + 9, "%79[^\"]", epoch);
  } else if (memcmp(payload, refusal, sizeof refusal - 1) == 0) {
    c->room->group->refused++;
    if (refused++ == 0) fprintf(stderr, "load: %.*s\n", (int)length, payload);
  }
}

static void read_socketio(struct connection *c, const uint8_t *payload, size_t length) {
  if (payload[0] == '0') return put_text(c, "40");
  if (payload[0] == '2') return put_text(c, "3");
  if (length >= 2 && payload[0] == '4' && payload[1] == '2') return count_delivery(c, payload, length);
  if (length >= 2 && payload[0] == '4' && payload[1] == '0' && c->state == GREETING) become_ready(c);
}

static void read_frame(struct connection *c, const struct ws_frame *frame, const uint8_t *payload) {
  if (frame->opcode == WS_PING) return put_frame(c, WS_PONG, payload, frame->length);
  if (frame->opcode == WS_CLOSE) {
    int code = frame->length >= 2 ? payload[0] << 8 | payload[1] : 1005;
    if (closed == 0) fprintf(stderr, "load: closed by the server with %d\n", code);
    return lose(c);
  }
  if (frame->length == 0 || (frame->opcode != WS_TEXT && frame->opcode != WS_BINARY)) return;
  if (wire == HEARTLINE) return read_heartline(c, payload, frame->length);
  if (wire == SOCKETIO) return read_socketio(c, payload, frame->length);
  count_delivery(c, payload, frame->length);
}

/* The answer to the handshake; returns how long it was, 0 while it is not whole. */
static size_t read_answer(struct connection *c, const uint8_t *data, size_t count) {
  const uint8_t *end = memmem(data, count, "\r\n\r\n", 4);
  if (!end) return 0;
  if (memmem(data, count, " 101 ", 5) == NULL) die("the handshake was refused: %.*s", (int)(end - data), data);
  if (wire == TUTORIAL) become_ready(c);
  if (wire == HEARTLINE && c->returning) {
    put_text(c, "{\"type\":\"hello\",\"user\":\"r%d\",\"epoch\":\"%s\",\"since\":%ld}", (int)(c - returners), epoch, head - back);
  } else if (wire == HEARTLINE) {
    put_text(c, "{\"type\":\"hello\",\"user\":\"u%d\"}", (int)(c - connections));
  }
  return (size_t)(end + 4 - data);
}

static size_t read_some(struct connection *c, const uint8_t *data, size_t count) {
  size_t at = 0;
  if (c->state == DIALING) {
    at = read_answer(c, data, count);
    if (at == 0) return 0;
    if (c->state == DIALING) c->state = GREETING;
  }
  struct ws_frame frame;
  while (c->state != CLOSED && ws_read(data + at, count - at, &frame) && at + frame.header + frame.length <= count) {
    read_frame(c, &frame, data + at + frame.header);
    at += frame.header + frame.length;
  }
  return at;
}

static void receive(struct connection *c) {
  static uint8_t buffer[READ_BYTES];
  ssize_t got = recv(c->fd, buffer, sizeof buffer, 0);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) lose(c);
    return;
  }
  now_ns = clock_ns();
  if (phase == MEASURING) reads++;
  const uint8_t *data = buffer;
  size_t count = (size_t)got;
  if (c->in_length) {
    append(&c->in, &c->in_length, &c->in_room, buffer, count);
    data = c->in;
    count = c->in_length;
  }
  size_t taken = read_some(c, data, count);
  if (c->state == CLOSED) return;
  if (c->in_length) {
    c->in_length -= taken;
    memmove(c->in, c->in + taken, c->in_length);
  } else if (taken < count) {
    append(&c->in, &c->in_length, &c->in_room, data + taken, count - taken);
  }
  flush(c);
}

static void shake_hands(struct connection *c) {
  char request[512];
  int number = (int)(c->room - rooms);
  char suffix[16] = "";
  if (c->room->group->rooms > 1) snprintf(suffix, sizeof suffix, "%d", number);
  int length = snprintf(request, sizeof request,
                        "GET %s%s HTTP/1.1\r\nHost: localhost:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: " WS_KEY "\r\nSec-WebSocket-Version: 13\r\n\r\n",
                        c->room->group->path, suffix, port);
  put_raw(c, request, (size_t)length);
  flush(c);
}

static void handle(const struct epoll_event *event) {
  struct connection *c = event->data.ptr;
  if (!c || c->state == CLOSED) return;
  if (event->events & EPOLLOUT) {
    if (c->state == DIALING && c->out_length == 0 && !(event->events & (EPOLLERR | EPOLLHUP | EPOLLIN))) shake_hands(c);
    else flush(c);
  }
  if (c->state != CLOSED && event->events & (EPOLLIN | EPOLLERR | EPOLLHUP)) receive(c);
}

/* ---- storms ---- */

static void begin_storm(void) {
  storming = 1;
  storm_ns = now_ns;
  storm_dialed = returned = 0;
  for (int i = 0; i < storm; i++) returners[i] = (struct connection){.room = &rooms[0], .returning = 1};
}

static void end_storm(void) {
  histogram_add(&storm_length, (now_ns - storm_ns) / 1000);
  storming = hung_up = 0;
  pause_ns = now_ns;
}

/* The returners leave one by one over the pause, since only their return is measured. */
static void pause_storm(void) {
  uint64_t due = (now_ns - pause_ns) * (uint64_t)storm / (STORM_PAUSE_MS * 1000000ull);
  while (hung_up < storm && (uint64_t)hung_up < due) hang_up(&returners[hung_up++]);
  if (hung_up == storm) begin_storm();
}

static void go_on_with_storm(void) {
  if (!storming) pause_storm();
  while (storming && storm_dialed < storm && dialing < MAX_DIALING) dial(&returners[storm_dialed++]);
  if (storming && returned == storm) end_storm();
}

/* ---- the run ---- */

static uint64_t server_us, self_ns, busy_ns, idle_ns, began_ns;
static long rss_before;

static void take_times(void) {
  server_us = process_cpu_us(pid) - server_us;
  busy_ns = clock_ns() - idle_ns - busy_ns;
  self_ns = clock_ns() - self_ns;
}

static void report(void) {
  double connect_s = (double)(ready_ns - began_ns) / 1e9;
  printf("{\"seconds\":%.3f,\"serverCpuUs\":%llu,\"loadBusyUs\":%llu,\"connectSeconds\":%.2f,\"connections\":%d,"
         "\"rssBeforeKb\":%ld,\"rssAfterKb\":%ld,\"closed\":%llu,\"refused\":%llu,\"strays\":%llu,\"reads\":%llu,\"groups\":[",
         (double)self_ns / 1e9, (unsigned long long)server_us, (unsigned long long)(busy_ns / 1000), connect_s, connection_count,
         rss_before, process_rss_kb(pid), (unsigned long long)closed, (unsigned long long)refused, (unsigned long long)strays,
         (unsigned long long)reads);
  for (struct group *g = groups; g < groups + group_count; g++) {
    printf("%s{\"name\":\"%s\",\"readers\":%d,\"sent\":%llu,\"delivered\":%llu,", g == groups ? "" : ",", g->name, g->readers,
           (unsigned long long)g->sent, (unsigned long long)g->delivered);
    printf("\"closed\":%llu,\"refused\":%llu,\"misplaced\":%llu,\"each\":", (unsigned long long)g->closed,
           (unsigned long long)g->refused, (unsigned long long)g->misplaced);
    histogram_print(&g->each);
    printf(",\"last\":");
    histogram_print(&g->last);
    printf(",\"echo\":");
    histogram_print(&g->echo);
    printf("}");
  }
  printf("],\"storm\":{\"each\":");
  histogram_print(&storm_each);
  printf(",\"last\":");
  histogram_print(&storm_last);
  printf(",\"length\":");
  histogram_print(&storm_length);
  printf(",\"cpuUs\":%llu,\"delivered\":%llu}}\n", (unsigned long long)storm_us, (unsigned long long)storm_delivered);
  fflush(stdout);
}

static void collect_garbage(void) {
  if (collect && kill(pid, SIGUSR2)) die("cannot signal the server: %s", strerror(errno));
}

static void enter(enum phase next) {
  /* Subtracted twice: once at the start, once at the end of the storms. */
  if (next == STORMING || phase == STORMING) storm_us = process_cpu_us(pid) - storm_us;
  phase = next;
  phase_ns = now_ns;
}

static void begin_round(void) {
  collect_garbage();
  for (struct group *g = groups; g < groups + group_count; g++) {
    g->sent = g->delivered = g->closed = g->refused = g->misplaced = 0;
    memset(&g->each, 0, sizeof g->each);
    memset(&g->last, 0, sizeof g->last);
    memset(&g->echo, 0, sizeof g->echo);
  }
  if (round_number > 0) spread_rooms();
  server_us = busy_ns = self_ns = 0;
  take_times();
  round_number++;
  round_ns = now_ns;
  next_round = 0;
  enter(MEASURING);
}

static int all_delivered(void) {
  for (struct group *g = groups; g < groups + group_count; g++)
    if (g->delivered < g->sent * (uint64_t)g->readers) return 0;
  return 1;
}

static void step(void) {
  double in_phase = (double)(now_ns - phase_ns) / 1e9;
  if (phase == WARMING || phase == MEASURING || phase == STORMING) send_at_rate();
  switch (phase) {
    case CONNECTING:
      while (dialed < connection_count && dialing < MAX_DIALING) dial(&connections[dialed++]);
      if (closed) die("%llu connections were closed while %d of %d were open", (unsigned long long)closed, ready, connection_count);
      if (ready == connection_count) ready_ns = now_ns, enter(SETTLING);
      else if (in_phase * 1000 > CONNECT_MS) die("only %d of %d connections opened", ready, connection_count);
      break;
    case SETTLING:
      if (in_phase * 1000 < SETTLE_MS) break;
      begin_to_send();
      enter(WARMING);
      break;
    case WARMING:
      if (in_phase >= warm_s) begin_round();
      break;
    case WAITING:
      if (next_round) begin_round();
      break;
    case MEASURING:
      if (in_phase < measure_s || (collect && in_phase * 1000 < COLLECT_MS)) break;
      take_times();
      enter(storm ? STORMING : rounds > 1 ? ENDING : OVER);
      break;
    case ENDING:
      if (!all_delivered() && in_phase * 1000 < GRACE_MS) break;
      if (round_number < rounds) report();
      enter(round_number < rounds ? WAITING : OVER);
      break;
    case STORMING:
      go_on_with_storm();
      if (in_phase >= measure_s && !storming) enter(OVER);
      if (in_phase > measure_s + 30) die("a storm does not end: %d of %d are back", returned, storm);
      break;
    case OVER:
      break;
  }
}

static void run(void) {
  struct epoll_event events[256];
  while (phase != OVER) {
    uint64_t before_ns = now_ns;
    now_ns = clock_ns();
    if (awake && found == 0) idle_ns += now_ns - before_ns;
    step();
    int count = found = epoll_wait(first_poller, events, 256, 0);
    for (int i = 0; i < count; i++) handle(&events[i]);
    /* Few at a time: a watched reader must not wait here for the others. */
    uint64_t asleep_ns = awake ? 0 : clock_ns();
    count = epoll_wait(poller, events, groups[0].watched ? 16 : 256, awake ? 0 : 1);
    if (!awake) idle_ns += clock_ns() - asleep_ns;
    found += count;
    for (int i = 0; i < count; i++) handle(&events[i]);
  }
}

static void parse_group(char *text) {
  if (group_count == MAX_GROUPS) die("too many groups");
  struct group *g = &groups[group_count++];
  *g = (struct group){.name = "", .path = "/", .rooms = 1, .readers = 1, .senders = 1};
  for (char *pair; (pair = strsep(&text, ","));) {
    char *value = strchr(pair, '=');
    if (!value) die("%s has no value", pair);
    *value++ = 0;
    if (!strcmp(pair, "name")) g->name = value;
    else if (!strcmp(pair, "path")) g->path = value;
    else if (!strcmp(pair, "rooms")) g->rooms = atoi(value);
    else if (!strcmp(pair, "readers")) g->readers = atoi(value);
    else if (!strcmp(pair, "senders")) g->senders = atoi(value);
    else if (!strcmp(pair, "window")) g->window = atoi(value);
    else if (!strcmp(pair, "watched")) g->watched = atoi(value);
    else if (!strcmp(pair, "rate")) g->rate = atof(value);
    else if (!strcmp(pair, "source")) g->source = value;
    else die("no such setting of a group: %s", pair);
  }
  room_count += g->rooms;
  connection_count += g->rooms * g->readers;
}

static void parse(int count, char **words) {
  for (int i = 1; i < count; i++) {
    char *word = words[i];
    if (!strncmp(word, "port=", 5)) port = atoi(word + 5);
    else if (!strncmp(word, "pid=", 4)) pid = atoi(word + 4);
    else if (!strncmp(word, "warm=", 5)) warm_s = atof(word + 5);
    else if (!strncmp(word, "seconds=", 8)) measure_s = atof(word + 8);
    else if (!strncmp(word, "storm=", 6)) storm = atoi(word + 6);
    else if (!strncmp(word, "back=", 5)) back = atoi(word + 5);
    else if (!strncmp(word, "long=", 5)) long_frames = atoi(word + 5);
    else if (!strncmp(word, "awake=", 6)) awake = atoi(word + 6);
    else if (!strncmp(word, "bytes=", 6)) message_bytes = atoi(word + 6);
    else if (!strncmp(word, "collect=", 8)) collect = atoi(word + 8);
    else if (!strncmp(word, "rounds=", 7)) rounds = atoi(word + 7);
    else if (!strcmp(word, "wire=heartline")) wire = HEARTLINE;
    else if (!strcmp(word, "wire=tutorial")) wire = TUTORIAL;
    else if (!strcmp(word, "wire=socketio")) wire = SOCKETIO;
    else if (!strncmp(word, "name=", 5)) parse_group(word);
    else die("no such setting: %s", word);
  }
}

static void lay_out(void) {
  rooms = calloc((size_t)room_count, sizeof *rooms);
  connections = calloc((size_t)connection_count, sizeof *connections);
  returners = calloc((size_t)storm + 1, sizeof *returners);
  struct room *room = rooms;
  struct connection *c = connections;
  for (struct group *g = groups; g < groups + group_count; g++) {
    for (int i = 0; i < g->rooms; i++, room++) {
      uint32_t under_way = (uint32_t)(4 * (g->senders * g->window + 2 * back)), ring = 1024;
      while (ring < under_way) ring *= 2;
      *room = (struct room){.group = g, .members = c, .index = (uint32_t)(room - rooms), .ring = ring};
      room->records = calloc(ring, sizeof *room->records);
      for (int j = 0; j < g->readers; j++, c++) *c = (struct connection){.room = room};
      /* Spread over the readers: a server's first and last readers are not its average. */
      for (int j = 0; j < g->senders; j++) room->members[(2 * j + 1) * g->readers / (2 * g->senders)].sender = 1;
    }
  }
}

static void begin_next_round(int number) {
  (void)number;
  next_round = 1;
}

int main(int count, char **words) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGUSR1, begin_next_round);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  parse(count, words);
  if (message_bytes <= MARK_LENGTH || message_bytes > MAX_MESSAGE_BYTES) die("a message cannot have %d bytes", message_bytes);
  lay_out();
  poller = epoll_create1(0);
  first_poller = epoll_create1(0);
  struct epoll_event nobody = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poller, EPOLL_CTL_ADD, first_poller, &nobody);
  collect_garbage();
  if (collect) usleep(COLLECT_MS * 1000);
  rss_before = process_rss_kb(pid);
  began_ns = phase_ns = clock_ns();
  run();
  report();
  return 0;
}

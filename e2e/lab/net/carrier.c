/*
 * Carries Ethernet frames between the lab's internet and its homes, in both directions of each home's line: a modem
 * with a rate and a queue, then a path with delay, jitter and loss.
 *
 *   carrier SEED [NEAR_DEVICE FAR_NAMESPACE FAR_DEVICE ONE_WAY_MS JITTER_MS LOSS QUEUE_MS UP_KBIT DOWN_KBIT]...
 *
 * The devices are existing TAPs; the near ones are in this process's network namespace. "Up" is far to near. LOSS is
 * from 0 to 1; a rate of 0 means no limit and no queue. Answers each line on standard input with all counters since the
 * start, as one line of JSON; the counts of a window are a difference. Ends at the end of the input.
 */
#include "common.h"
#include <errno.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
  MAX_WAYS = 128,
  /* More than 20 Mbit/s of full frames over half a second. A frame that finds the ring full is dropped. */
  RING = 4096,
  FRAME_BYTES = 1600,
  ETHERNET_HEADER = 14,
  /* The last bucket takes all longer times. */
  QUEUE_BUCKETS = 1001,
  /* Frames read from one device before the next device's turn. */
  BATCH = 64,
  VALUES_PER_HOME = 9,
  /*
   * IP packets up to this size are control, acknowledgements or a call. TCP segments may end anywhere: a lower limit.
   */
  BULK_OVER = 400,
  BULK_SEGMENT_OVER = 200,
  TURN_PORT = 3478,
};

/*
 * The least time between two wake-ups. Wake-ups make up the cost of the carrier, and of the homes that it wakes: frames
 * that arrive together wake a home once. A frame is read and leaves up to this much late, as in a cable modem, which
 * sends once in 2 ms.
 */
static const double TICK_MS = 1;
/* A frame that is due within this leaves at once. */
static const double EARLY_MS = 0.1;
/* A frame that leaves this much after its time counts as late: the machine was too busy to carry it. */
static const double LATE_MS = 2;

typedef struct {
  double due;
  int size;
  unsigned char bytes[FRAME_BYTES];
} Frame;

typedef struct {
  int in, out;
  double delay_ms, jitter_ms, loss, queue_ms, kbit;
  /* When the modem has sent all queued frames. */
  double free_at;
  /* Jitter moves from one extra delay to the next along a straight line. */
  double jitter_from, jitter_to, jitter_start, jitter_end;
  uint64_t random;
  Frame *ring;
  unsigned head, tail;
  unsigned long packets, bytes, media, dropped, lost, late;
  unsigned long queue[QUEUE_BUCKETS];
} Way;

static Way ways[MAX_WAYS];
static int way_count;

/* From 0 up to 1. Splitmix64, by Sebastiano Vigna; each way has its own sequence. */
static double chance(Way *way) {
  uint64_t x = way->random += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return (double)((x ^ (x >> 31)) >> 11) / (double)(1ull << 53);
}

/*
 * The extra delay at a moment, from 0 to jitter_ms. It falls by at most 1 ms per ms, so that no frame overtakes
 * another. Delays drawn for each frame alone would either reorder the frames or, kept in order, all become the longest.
 */
static double jitter_at(Way *way, double t) {
  if (way->jitter_ms <= 0) return 0;
  while (t >= way->jitter_end) {
    way->jitter_from = way->jitter_to;
    way->jitter_start = way->jitter_end;
    way->jitter_to = chance(way) * way->jitter_ms;
    way->jitter_end = way->jitter_start + way->jitter_ms * (1 + 2 * chance(way));
  }
  double done = (t - way->jitter_start) / (way->jitter_end - way->jitter_start);
  return way->jitter_from + (way->jitter_to - way->jitter_from) * (done < 0 ? 0 : done);
}

static int open_tap(const char *device) {
  struct ifreq request = {0};
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  snprintf(request.ifr_name, IFNAMSIZ, "%s", device);
  int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap < 0 || ioctl(tap, TUNSETIFF, &request)) die(device);
  return tap;
}

static void add_way(int in, int out, char **line, const char *kbit, uint64_t seed) {
  Way *way = &ways[way_count];
  way->in = in;
  way->out = out;
  way->delay_ms = atof(line[3]);
  way->jitter_ms = atof(line[4]);
  way->loss = atof(line[5]);
  way->queue_ms = atof(line[6]);
  way->kbit = atof(kbit);
  way->random = seed * 1000003u + (uint64_t)way_count;
  way->jitter_end = now_ms();
  way->ring = calloc(RING, sizeof(Frame));
  if (way->ring == NULL) die("memory");
  way_count++;
}

/*
 * Estimated bytes of media in a frame: a bulk packet without its headers. Over UDP these are IP 20, UDP 8, DTLS 37,
 * SCTP 12 and one DATA chunk 16, and 4 of ChannelData if it goes to or from the TURN server. Over TCP to or from the
 * TURN server, segments do not match the swarm's packets: this takes the usual share of a full packet.
 */
static unsigned long media_in(const unsigned char *frame, int size) {
  const unsigned char *ip = frame + ETHERNET_HEADER;
  if (size < ETHERNET_HEADER + 40 || frame[12] != 0x08 || frame[13] != 0x00 || ip[0] >> 4 != 4) return 0;
  int header = (ip[0] & 15) * 4, length = ip[2] << 8 | ip[3];
  if (length + ETHERNET_HEADER > size || header + 20 > length) return 0;
  const unsigned char *transport = ip + header;
  int turn = (transport[0] << 8 | transport[1]) == TURN_PORT || (transport[2] << 8 | transport[3]) == TURN_PORT;
  if (ip[9] == 17 && length > BULK_OVER) return (unsigned long)(length - header - 8 - 37 - 12 - 16 - (turn ? 4 : 0));
  if (ip[9] == 6 && turn && length > BULK_SEGMENT_OVER) return (unsigned long)((length - header - (transport[12] >> 4) * 4) * 0.944);
  return 0;
}

static void take_in(Way *way, double t) {
  for (int i = 0; i < BATCH; i++) {
    Frame *frame = &way->ring[way->tail % RING];
    int full = way->tail - way->head >= RING - 1;
    unsigned char spare[FRAME_BYTES];
    int size = (int)read(way->in, full ? spare : frame->bytes, FRAME_BYTES);
    if (size <= 0) return;
    double start = way->free_at > t ? way->free_at : t;
    double sent = way->kbit > 0 ? start + size * 8 / way->kbit : t;
    if (full || (way->kbit > 0 && sent - t > way->queue_ms)) {
      way->dropped++;
      continue;
    }
    way->free_at = sent;
    way->packets++;
    way->bytes += (unsigned long)size;
    way->media += media_in(frame->bytes, size);
    int bucket = (int)(sent - t);
    way->queue[bucket < QUEUE_BUCKETS ? bucket : QUEUE_BUCKETS - 1]++;
    /* After the modem: a lost packet took its time on the line. */
    if (way->loss > 0 && chance(way) < way->loss) {
      way->lost++;
      continue;
    }
    frame->size = size;
    frame->due = sent + way->delay_ms + jitter_at(way, sent);
    way->tail++;
  }
}

static void let_out(Way *way, double t) {
  for (; way->head != way->tail; way->head++) {
    Frame *frame = &way->ring[way->head % RING];
    if (frame->due > t + EARLY_MS) return;
    if (frame->due < t - LATE_MS) way->late++;
    if (write(way->out, frame->bytes, (size_t)frame->size) < 0 && errno != EAGAIN && errno != EIO) die("write");
  }
}

static void print_counters(void) {
  printf("{\"ways\":[");
  for (int i = 0; i < way_count; i++) {
    const Way *way = &ways[i];
    printf("%s{\"packets\":%lu,\"bytes\":%lu,\"media\":%lu,\"dropped\":%lu,\"lost\":%lu,\"late\":%lu,\"queue\":",
           i > 0 ? "," : "", way->packets, way->bytes, way->media, way->dropped, way->lost, way->late);
    print_counts(way->queue, QUEUE_BUCKETS);
    printf("}");
  }
  printf("]}\n");
  fflush(stdout);
}

int main(int count, char **values) {
  if (count < 2 || (count - 2) % VALUES_PER_HOME != 0 || (count - 2) / VALUES_PER_HOME * 2 > MAX_WAYS) {
    fprintf(stderr, "carrier SEED [NEAR FAR_NAMESPACE FAR ONE_WAY_MS JITTER_MS LOSS QUEUE_MS UP_KBIT DOWN_KBIT]...\n");
    return 2;
  }
  uint64_t seed = strtoull(values[1], NULL, 10);
  for (char **line = values + 2; line + VALUES_PER_HOME <= values + count; line += VALUES_PER_HOME) {
    int near = open_tap(line[0]);
    int own = enter_namespace(line[1]);
    int far = open_tap(line[2]);
    leave_namespace(own);
    add_way(far, near, line, line[7], seed);
    add_way(near, far, line, line[8], seed);
  }
  go_first();
  print_counters();
  static struct pollfd waiting[MAX_WAYS + 1];
  for (int i = 0; i < way_count; i++) waiting[i] = (struct pollfd){ways[i].in, POLLIN, 0};
  waiting[way_count] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
  for (double woken = 0;;) {
    double next = -1;
    for (int i = 0; i < way_count; i++) {
      const Way *way = &ways[i];
      if (way->head == way->tail) continue;
      double due = way->ring[way->head % RING].due;
      if (next < 0 || due < next) next = due;
    }
    struct timespec tick = timespec_of(woken + TICK_MS - now_ms());
    nanosleep(&tick, NULL);
    struct timespec timeout = timespec_of(next < 0 ? 1000 : next - now_ms());
    if (ppoll(waiting, (nfds_t)way_count + 1, &timeout, NULL) < 0 && errno != EINTR) die("poll");
    woken = now_ms();
    for (int i = 0; i < way_count; i++) {
      if (waiting[i].revents & POLLIN) take_in(&ways[i], woken);
      let_out(&ways[i], woken);
    }
    if (waiting[way_count].revents) answer(print_counters);
  }
}

/*
 * A call on each home's line: 160 bytes over UDP each 20 ms from the home to this process's own network namespace and
 * back, as a telephone sends its voice.
 *
 *   call ADDRESS PORT HOME_NAMESPACE...
 *
 * Answers each line on standard input with all counters since the start, as one line of JSON. Ends at the end of the
 * input.
 */
#include "common.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

enum {
  MAX_CALLS = 64,
  PACKET_BYTES = 160,
  EVERY_MS = 20,
  /* Packets that may be in transit. A packet that is not back when its place is reused, after a second, is lost. */
  PLACES = 50,
  /* Whole milliseconds of the round trip; longer ones are lost. */
  BUCKETS = PLACES * EVERY_MS,
};

typedef struct {
  int socket;
  /* When the packet in each place was sent; 0: none, or it is back. */
  double sent_at[PLACES];
  uint64_t next;
  unsigned long lost;
  unsigned long round_trips[BUCKETS];
} Call;

static Call calls[MAX_CALLS];
static int call_count;

static int open_socket(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  return fd;
}

static void echo(int fd) {
  unsigned char packet[PACKET_BYTES];
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  ssize_t size;
  while ((size = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &length)) > 0)
    (void)sendto(fd, packet, (size_t)size, 0, (struct sockaddr *)&from, length);
}

static void speak(Call *call, double t) {
  unsigned char packet[PACKET_BYTES] = {0};
  double *place = &call->sent_at[call->next % PLACES];
  if (*place != 0) call->lost++;
  *place = t;
  memcpy(packet, &call->next, sizeof call->next);
  call->next++;
  /* Packets that the kernel refuses, because a router reports that UDP is forbidden, are lost as well. */
  (void)send(call->socket, packet, sizeof packet, 0);
}

static void hear(Call *call, double t) {
  unsigned char packet[PACKET_BYTES];
  for (;;) {
    ssize_t size = recv(call->socket, packet, sizeof packet, 0);
    /* The refusal of an earlier packet is reported once, and more packets may be waiting. */
    if (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK) continue;
    if (size < (ssize_t)sizeof(uint64_t)) return;
    uint64_t number;
    memcpy(&number, packet, sizeof number);
    double *place = &call->sent_at[number % PLACES];
    if (number + PLACES < call->next || *place == 0) continue;
    int ms = (int)(t - *place);
    *place = 0;
    if (ms < BUCKETS) call->round_trips[ms]++;
    else call->lost++;
  }
}

static void print_counters(void) {
  printf("{\"calls\":[");
  for (int i = 0; i < call_count; i++) {
    printf("%s{\"lost\":%lu,\"roundTrips\":", i > 0 ? "," : "", calls[i].lost);
    print_counts(calls[i].round_trips, BUCKETS);
    printf("}");
  }
  printf("]}\n");
  fflush(stdout);
}

int main(int count, char **values) {
  struct sockaddr_in server = {.sin_family = AF_INET};
  if (count < 4 || count - 3 > MAX_CALLS || inet_pton(AF_INET, values[1], &server.sin_addr) != 1) {
    fprintf(stderr, "call ADDRESS PORT HOME_NAMESPACE...\n");
    return 2;
  }
  server.sin_port = htons((uint16_t)atoi(values[2]));
  int far = open_socket();
  if (bind(far, (struct sockaddr *)&server, sizeof server)) die("bind");
  for (int i = 3; i < count; i++) {
    int own = enter_namespace(values[i]);
    Call *call = &calls[call_count++];
    call->socket = open_socket();
    if (connect(call->socket, (struct sockaddr *)&server, sizeof server)) die("connect");
    leave_namespace(own);
  }
  go_first();
  print_counters();

  struct pollfd waiting[MAX_CALLS + 2];
  for (int i = 0; i < call_count; i++) waiting[i] = (struct pollfd){calls[i].socket, POLLIN, 0};
  waiting[call_count] = (struct pollfd){far, POLLIN, 0};
  waiting[call_count + 1] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
  double next = now_ms();
  for (;;) {
    struct timespec timeout = timespec_of(next - now_ms());
    if (ppoll(waiting, (nfds_t)call_count + 2, &timeout, NULL) < 0 && errno != EINTR) die("poll");
    double t = now_ms();
    if (waiting[call_count].revents) echo(far);
    for (int i = 0; i < call_count; i++)
      if (waiting[i].revents) hear(&calls[i], t);
    /* All calls send at the same moment, which takes fewer wake-ups. Their lines are independent. */
    for (; next <= t; next += EVERY_MS)
      for (int i = 0; i < call_count; i++) speak(&calls[i], t);
    if (waiting[call_count + 1].revents) answer(print_counters);
  }
}

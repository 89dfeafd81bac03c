/* A chat load generator: many connections in one thread, so that it takes little of the machine that it measures.
 *
 *   chat PROTOCOL MODE PORT SECONDS WARM_S RATE_OR_BALLS CLIENTS_FILE
 *
 * PROTOCOL  ws: Junzi's frames over a WebSocket; xmpp: XMPP over TCP; xmpp-receipts: with copies to a person's other devices
 *           (XEP-0280) and each message acknowledged (XEP-0198), as chat programs on phones speak it
 * MODE      pong: in each pair, so many messages fly to and fro; who gets one answers with the next
 *           rate: so many a second are due over all pairs, whatever became of those before (open loop)
 *           fan:  the first forty write to a group in turn, so many a second; all others receive
 *           idle: connect, print a line, answer pings until the seconds have passed
 * CLIENTS_FILE  a line a connection; ws: session token and conversation, xmpp: user and password. Lines 2n and 2n+1 are a pair
 *
 * Latency counts from the moment a message was due to its arrival at the other end. Ends with one line of JSON.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CLIENTS = 20000, FIELD = 128, BUCKETS = 1000000, BUCKET_NS = 10000, TEXT_BYTES = 150, WRITERS = 40 };

#define SM "urn:xmpp:sm:3"
#define REQUEST "<r xmlns='" SM "'/>"

typedef struct {
    int fd, length, capacity, handled;
    unsigned long heard;
    char *buffer;
    char first[FIELD], second[FIELD];
} Client;

static Client clients[MOST_CLIENTS];
static int count, is_ws, with_receipts;
static const char *mode;
static uint64_t sent, acknowledged, got, refused, counted_from, ends, number, run;
static unsigned buckets[BUCKETS + 1];
static uint64_t measured, got_measured;
static double longest_ms;

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void fail(const char *what, int client) {
    fprintf(stderr, "%s at client %d: %s\n", what, client, strerror(errno));
    exit(1);
}

static void record(uint64_t due) {
    uint64_t now = now_ns(), ns = now > due ? now - due : 0, bucket = ns / BUCKET_NS;
    got++;
    if (now < counted_from) return;
    got_measured++;
    if (due < counted_from) return;
    buckets[bucket > BUCKETS ? BUCKETS : bucket]++;
    measured++;
    if (ns / 1e6 > longest_ms) longest_ms = ns / 1e6;
}

static double percentile_ms(double part) {
    uint64_t wanted = measured * part, seen = 0;
    for (int i = 0; i <= BUCKETS; i++)
        if ((seen += buckets[i]) > wanted) return i * (BUCKET_NS / 1e6);
    return 0;
}

/* Everything is written at once; a socket that is full is waited for, which an honest server never makes necessary. */
static void put(int at, const char *data, int length) {
    while (length > 0) {
        int n = send(clients[at].fd, data, length, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) { usleep(100); continue; }
        if (n <= 0) fail("send", at);
        data += n;
        length -= n;
    }
}

static void put_frame(int at, int opcode, const char *payload, int length) {
    static const unsigned char mask[4] = {0x12, 0x34, 0x56, 0x78};
    char frame[2048];
    int head = 2;
    frame[0] = 0x80 | opcode;
    if (length < 126) {
        frame[1] = 0x80 | length;
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = length >> 8;
        frame[3] = length & 255;
        head = 4;
    }
    memcpy(frame + head, mask, 4);
    for (int i = 0; i < length; i++) frame[head + 4 + i] = payload[i] ^ mask[i & 3];
    put(at, frame, head + 4 + length);
}

/* A text of TEXT_BYTES that begins with when it was due and who wrote it. */
static void say(int at, uint64_t due) {
    char text[TEXT_BYTES + 1], frame[1024];
    int n = snprintf(text, sizeof text, "due=%020llu by=%05d ", (unsigned long long)due, at);
    memset(text + n, 'x', TEXT_BYTES - n);
    text[TEXT_BYTES] = 0;
    if (is_ws) {
        n = snprintf(frame, sizeof frame,
            "{\"op\":\"send\",\"conversation_id\":\"%s\",\"client_id\":\"%llx-%llx\",\"kind\":\"text\",\"payload\":{\"text\":\"%s\"}}",
            clients[at].second, (unsigned long long)run, (unsigned long long)number++, text);
        put_frame(at, 1, frame, n);
    } else {
        n = snprintf(frame, sizeof frame, "<message to='%s@localhost' type='chat' id='m%llx-%llu'><body>%s</body></message>%s",
            clients[at ^ 1].first, (unsigned long long)run, (unsigned long long)number++, text, with_receipts ? REQUEST : "");
        put(at, frame, n);
    }
    sent++;
}

static void message(int at, char *from, int length) {
    char *due = memmem(from, length, "due=", 4);
    if (!due) return;
    if (atoi(due + 28) == at) return; /* one's own, told to the device that wrote it */
    record(strtoull(due + 4, 0, 10));
    uint64_t now = now_ns();
    if (!strcmp(mode, "pong") && now < ends) say(at, now);
}

static int take_ws(int at, char *data, int length) {
    int at_byte = 0;
    for (;;) {
        unsigned char *p = (unsigned char *)data + at_byte;
        int rest = length - at_byte, head = 2;
        if (rest < 2) break;
        uint64_t size = p[1] & 127;
        if (size == 126) {
            if (rest < 4) break;
            size = p[2] << 8 | p[3];
            head = 4;
        } else if (size == 127) {
            if (rest < 10) break;
            size = 0;
            for (int i = 2; i < 10; i++) size = size << 8 | p[i];
            head = 10;
        }
        if ((uint64_t)rest < head + size) break;
        char *payload = (char *)p + head;
        int opcode = p[0] & 15;
        if (opcode == 9) put_frame(at, 10, payload, size);
        else if (opcode == 8) { errno = 0; fail("the server closed", at); }
        else if (!strncmp(payload, "{\"op\":\"message\"", 15)) message(at, payload, size);
        else if (!strncmp(payload, "{\"op\":\"sent\"", 12)) acknowledged++;
        else if (!strncmp(payload, "{\"op\":\"refused\"", 15)) { if (!refused++) fprintf(stderr, "%.*s\n", (int)size, payload); }
        at_byte += head + size;
    }
    return at_byte;
}

/* The server asks how much arrived, or says how much of ours did. */
static void receipt(int at, const char *element, int length) {
    char answer[96];
    const char *h = memmem(element, length, "h='", 3);
    if (element[1] == 'r') {
        put(at, answer, sprintf(answer, "<a xmlns='" SM "' h='%lu'/>", clients[at].heard));
    } else if (h) {
        int handled = atoi(h + 3);
        acknowledged += handled - clients[at].handled;
        clients[at].handled = handled;
    }
}

static int take_xmpp(int at, char *data, int length) {
    char *from = data, *next, *end;
    data[length] = 0;
    while ((next = strchr(from, '<'))) {
        int is_message = !strncmp(next, "<message", 8), is_receipt = !strncmp(next, "<r ", 3) || !strncmp(next, "<a ", 3);
        const char *tail = is_message ? "</message>" : ">";
        if (!(end = strstr(next, tail))) return next - data;
        end += strlen(tail);
        if (is_receipt) receipt(at, next, end - next);
        if (is_message) {
            clients[at].heard++;
            if (memmem(next, end - next, "type='error'", 12)) refused++;
            else message(at, next, end - next);
        }
        from = end;
    }
    return length;
}

static void receive(int at) {
    Client *c = &clients[at];
    if (c->capacity - c->length < 4096) {
        c->capacity = c->capacity ? 2 * c->capacity : 8192;
        c->buffer = realloc(c->buffer, c->capacity);
    }
    int n = recv(c->fd, c->buffer + c->length, c->capacity - c->length - 1, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) fail("closed", at);
    c->length += n;
    int used = is_ws ? take_ws(at, c->buffer, c->length) : take_xmpp(at, c->buffer, c->length);
    c->length -= used;
    memmove(c->buffer, c->buffer + used, c->length);
}

/* While connecting: send, then read until these words have come. */
static void exchange(int at, const char *words, const char *wanted) {
    static char answer[65536];
    int length = 0;
    if (words) put(at, words, strlen(words));
    for (;;) {
        int n = recv(clients[at].fd, answer + length, sizeof answer - 1 - length, 0);
        if (n <= 0) { fprintf(stderr, "to %s: %.*s\n", words ? words : "nothing", length, answer); fail("no answer", at); }
        length += n;
        if (memmem(answer, length, wanted, strlen(wanted))) return;
    }
}

static void base64(const unsigned char *in, int length, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < length; i += 3) {
        int bits = in[i] << 16 | (i + 1 < length ? in[i + 1] << 8 : 0) | (i + 2 < length ? in[i + 2] : 0);
        *out++ = digits[bits >> 18 & 63];
        *out++ = digits[bits >> 12 & 63];
        *out++ = i + 1 < length ? digits[bits >> 6 & 63] : '=';
        *out++ = i + 2 < length ? digits[bits & 63] : '=';
    }
    *out = 0;
}

static void sign_in_xmpp(int at) {
    static const char stream[] = "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
                                 "xmlns:stream='http://etherx.jabber.org/streams'>";
    char plain[2 * FIELD + 2], coded[4 * FIELD], words[8 * FIELD];
    Client *c = &clients[at];
    int n = 0;
    plain[n++] = 0;
    n += sprintf(plain + n, "%s", c->first) + 1;
    n += sprintf(plain + n, "%s", c->second);
    base64((unsigned char *)plain, n, coded);
    exchange(at, stream, "</stream:features>");
    sprintf(words, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>", coded);
    exchange(at, words, "<success");
    exchange(at, stream + 21, "</stream:features>");
    exchange(at, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>", "</iq>");
    exchange(at, "<presence/>", "<presence");
    if (!with_receipts) return;
    exchange(at, "<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>", "id='c'");
    exchange(at, "<enable xmlns='" SM "'/>", "<enabled");
}

static void open_client(int at, int port) {
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    clients[at].fd = fd;
    if (connect(fd, (struct sockaddr *)&to, sizeof to)) fail("connect", at);
    if (is_ws) {
        char words[1024];
        snprintf(words, sizeof words,
            "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nCookie: junzi_session=%s\r\n\r\n",
            port, clients[at].first);
        exchange(at, words, "\"op\":\"welcome\"");
    } else {
        sign_in_xmpp(at);
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

static double cpu_s(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv) {
    if (argc != 8) { fprintf(stderr, "usage: chat ws|xmpp|xmpp-receipts pong|rate|fan|idle PORT SECONDS WARM_S RATE_OR_BALLS CLIENTS_FILE\n"); return 2; }
    is_ws = !strcmp(argv[1], "ws");
    with_receipts = !strcmp(argv[1], "xmpp-receipts");
    mode = argv[2];
    int port = atoi(argv[3]);
    double seconds = atof(argv[4]), warm_s = atof(argv[5]), rate = atof(argv[6]);
    FILE *file = fopen(argv[7], "r");
    if (!file) fail("clients file", 0);
    while (count < MOST_CLIENTS && fscanf(file, "%127s %127s", clients[count].first, clients[count].second) == 2) count++;
    fclose(file);
    run = now_ns();
    struct rlimit limit = {MOST_CLIENTS + 100, MOST_CLIENTS + 100};
    setrlimit(RLIMIT_NOFILE, &limit);
    int poll = epoll_create1(0);
    for (int i = 0; i < count; i++) {
        open_client(i, port);
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
        epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].fd, &event);
    }
    int is_rate = !strcmp(mode, "rate"), is_fan = !strcmp(mode, "fan");
    printf("connected\n");
    fflush(stdout);
    uint64_t begin = now_ns(), due_count = 0;
    ends = begin + (uint64_t)((warm_s + seconds) * 1e9);
    uint64_t drained = ends + 30000000000ull;
    counted_from = begin + (uint64_t)(warm_s * 1e9);
    if (!strcmp(mode, "pong"))
        for (int i = 0; i < count; i += 2)
            for (int ball = 0; ball < rate; ball++) say(i, now_ns());
    double cpu_before = cpu_s(), cpu_used = 0, elapsed_s = 0;
    uint64_t got_at_end = 0;
    struct epoll_event events[1024];
    for (;;) {
        uint64_t now = now_ns();
        if (now >= ends && !elapsed_s) {
            elapsed_s = (now - counted_from) / 1e9;
            cpu_used = cpu_s() - cpu_before;
            got_at_end = got_measured;
            if (!strcmp(mode, "idle")) break;
        }
        /* What is on its way is waited for, so that it can be counted whether anything was lost. */
        int all_answered = !(is_ws || with_receipts) || acknowledged + refused >= sent;
        if (now >= drained || (elapsed_s && all_answered && got >= sent * (is_fan ? count - 1 : 1))) break;
        int64_t left_ns = 100000000;
        if ((is_rate || is_fan) && !elapsed_s) {
            uint64_t next;
            while ((next = begin + (uint64_t)(due_count * 1e9 / rate)) <= now) {
                say(is_fan ? due_count % (count < WRITERS ? count : WRITERS) : (due_count * 7919) % count, next);
                due_count++;
            }
            left_ns = next - now;
        }
        struct timespec wait = {left_ns / 1000000000, left_ns % 1000000000};
        int ready = epoll_pwait2(poll, events, 1024, &wait, 0);
        for (int i = 0; i < ready; i++) receive(events[i].data.u32);
    }
    printf("{\"sent\":%llu,\"acknowledged\":%llu,\"refused\":%llu,\"got\":%llu,\"per_s\":%.1f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,"
           "\"max_ms\":%.1f,\"cpu\":%.2f}\n",
        (unsigned long long)sent, (unsigned long long)acknowledged, (unsigned long long)refused, (unsigned long long)got,
        got_at_end / elapsed_s, percentile_ms(.5), percentile_ms(.99), longest_ms, cpu_used / (elapsed_s + warm_s));
    return 0;
}

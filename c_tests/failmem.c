/*
 * failmem.so - makes requests for memory fail that one object of the process
 * (a shared library, or the program itself) makes, and no one else's.
 * For LD_PRELOAD.
 *
 *   FAIL_OBJECT  part of the object's file name; empty: the program
 *   FAIL_NTH     number of the request that fails, from 1; 0: none
 *   FAIL_ALL     1: every request after it fails too
 *   FAIL_CALL    only these count as requests: malloc (the family), mmap, mremap,
 *                mprotect or madvise
 *
 * Requests are calls of the malloc family, known by their return address, and
 * the system calls mmap, mremap, mprotect and madvise, which a library may make
 * without asking libc: a seccomp filter traps those whose instruction lies in
 * the object, and the handler makes them, or fails them, in its place. It also counts
 * what is given back: the blocks of the process and the mappings of the object.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

enum { CALL_MALLOC = -1, CALL_ANY = -2 }; /* or the number of a system call */

static uintptr_t object_start, object_end; /* set before any thread starts, then constant */
static long fail_nth, fail_all, fail_call = CALL_ANY;
static atomic_long requests, failures, blocks, mappings;
static atomic_bool stopped;

/* ---- for the program under test, through dlsym -------------------------------------- */

/* Requests counted, and those that failed. */
long failmem_requests(void) { return atomic_load(&requests); }
long failmem_failures(void) { return atomic_load(&failures); }
/* Heap blocks in use, whoever asked for them; mappings of the object. */
long failmem_blocks(void) { return atomic_load(&blocks); }
long failmem_mappings(void) { return atomic_load(&mappings); }
/* From now on every request succeeds. */
void failmem_stop(void) { atomic_store(&stopped, true); }

/* ---- the decision ------------------------------------------------------------------- */

static bool counted_request_fails(long call) {
    if (fail_call != CALL_ANY && fail_call != call) return false;
    long number = atomic_fetch_add(&requests, 1) + 1;
    bool fails = fail_nth && !atomic_load(&stopped) && (fail_all ? number >= fail_nth : number == fail_nth);
    if (fails) atomic_fetch_add(&failures, 1);
    return fails;
}

static bool request_fails(const void *caller) {
    return (uintptr_t)caller - object_start < object_end - object_start && counted_request_fails(CALL_MALLOC);
}

/* ---- the malloc family ------------------------------------------------------------------ */

#define FAIL_IF_TOLD(result)                                                        \
    if (request_fails(__builtin_return_address(0))) return errno = ENOMEM, (result)

static void *counted(void *memory) {
    if (memory) atomic_fetch_add(&blocks, 1);
    return memory;
}

void *malloc(size_t size) {
    FAIL_IF_TOLD(NULL);
    return counted(__libc_malloc(size));
}
void *calloc(size_t count, size_t size) {
    FAIL_IF_TOLD(NULL);
    return counted(__libc_calloc(count, size));
}
void *realloc(void *memory, size_t size) {
    FAIL_IF_TOLD(NULL);
    void *larger = __libc_realloc(memory, size);
    return memory ? larger : counted(larger);
}
void free(void *memory) {
    if (memory) atomic_fetch_sub(&blocks, 1);
    __libc_free(memory);
}
void *aligned_alloc(size_t align, size_t size) {
    FAIL_IF_TOLD(NULL);
    return counted(__libc_memalign(align, size));
}
int posix_memalign(void **out, size_t align, size_t size) {
    FAIL_IF_TOLD(ENOMEM);
    void *memory = counted(__libc_memalign(align, size));
    if (memory) *out = memory;
    return memory ? 0 : ENOMEM;
}

/* ---- system calls ------------------------------------------------------------------------ */

#if defined(__x86_64__)
#define RESULT REG_RAX
static const int argument_registers[6] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};

/* SIGSYS: the kernel has not made the call; the register of its result is ours to set. */
static void on_system_call(int signal, siginfo_t *info, void *context) {
    long long *registers = (long long *)((ucontext_t *)context)->uc_mcontext.gregs;
    long a[6], result = -ENOMEM;
    int saved = errno;
    (void)signal;
    for (int i = 0; i < 6; i++) a[i] = (long)registers[argument_registers[i]];
    if (info->si_syscall == SYS_munmap || !counted_request_fails(info->si_syscall)) {
        result = syscall(info->si_syscall, a[0], a[1], a[2], a[3], a[4], a[5]);
        if (result == -1) result = -errno;
        else if (info->si_syscall == SYS_mmap) atomic_fetch_add(&mappings, 1);
        else if (info->si_syscall == SYS_munmap) atomic_fetch_sub(&mappings, 1);
    }
    errno = saved;
    registers[RESULT] = result;
}

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define LOAD_HIGH(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member) + 4)
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define AT_LEAST(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, yes, no)

/* Traps the five calls with start <= instruction < end; the object must not
 * straddle a multiple of 4 GiB, for the filter compares 32 bits at a time. */
static bool trap_system_calls(void) {
    const uint32_t high = (uint32_t)(object_start >> 32), start = (uint32_t)object_start, end = (uint32_t)object_end;
    struct sock_filter filter[] = {
        LOAD(nr), IS(SYS_mmap, 5, 0), IS(SYS_mremap, 4, 0), IS(SYS_mprotect, 3, 0), IS(SYS_madvise, 2, 0),
        IS(SYS_munmap, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        LOAD_HIGH(instruction_pointer), IS(high, 0, 4),
        LOAD(instruction_pointer), AT_LEAST(start, 0, 2), AT_LEAST(end, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    struct sigaction action = {.sa_sigaction = on_system_call, .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (object_start >> 32 != object_end >> 32) return false;
    sigaction(SIGSYS, &action, NULL);
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
#else
static bool trap_system_calls(void) { return false; }
#endif

/* ---- start --------------------------------------------------------------------------------- */

static int find_object(struct dl_phdr_info *info, size_t size, void *wanted) {
    const char *name = wanted;
    (void)size;
    if (*name ? !strstr(info->dlpi_name, name) : *info->dlpi_name) return 0;
    object_start = UINTPTR_MAX;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;
        if (header->p_type != PT_LOAD || !(header->p_flags & PF_X)) continue;
        if (start < object_start) object_start = start;
        if (start + header->p_memsz > object_end) object_end = start + header->p_memsz;
    }
    return 1;
}

static long number_from(const char *variable) {
    const char *text = getenv(variable);
    return text ? atol(text) : 0;
}

static long call_named(const char *name) {
    if (!name) return CALL_ANY;
    if (strcmp(name, "mmap") == 0) return SYS_mmap;
    if (strcmp(name, "mremap") == 0) return SYS_mremap;
    if (strcmp(name, "mprotect") == 0) return SYS_mprotect;
    return strcmp(name, "madvise") == 0 ? SYS_madvise : CALL_MALLOC;
}

__attribute__((constructor)) static void start(void) {
    const char *object = getenv("FAIL_OBJECT");
    fail_call = call_named(getenv("FAIL_CALL"));
    fail_nth = number_from("FAIL_NTH"), fail_all = number_from("FAIL_ALL");
    if (!object) return;
    static const char problem[] = "failmem: only the malloc family can fail here\n";
    if (!dl_iterate_phdr(find_object, (void *)(uintptr_t)object) || !trap_system_calls())
        if (write(2, problem, sizeof problem - 1) < 0) _exit(2);
}

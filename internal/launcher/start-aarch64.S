/* Entry from the kernel, and the jump into the loader. ABI: sysvabi64, "Process Initialization". */
        .text
        .globl  _start
        .type   _start, %function
_start:
        mov     x29, xzr
        mov     x30, xzr
        mov     x0, sp
        bl      launch
        brk     #1

/* void jump_to(unsigned long entry, const void *stack): x0 is zero, because no function has to run at exit. */
        .globl  jump_to
        .hidden jump_to
        .type   jump_to, %function
jump_to:
        mov     sp, x1
        mov     x16, x0
        mov     x0, xzr
        mov     x29, xzr
        mov     x30, xzr
        br      x16

/* clone(2) with these flags and the stack in x1. It returns in the parent. The code after it runs in the child. */
        .macro  clone flags
        mov     x0, #\flags
        mov     x2, xzr
        mov     x3, xzr
        mov     x4, xzr
        mov     x8, #220
        svc     #0
        cbz     x0, 1f
        ret
1:
        .endm

/*
 * long start_waiter(uint32_t *gate): clone(2) with the memory, files, folders and handlers of this process, and on the
 * same stack. So the new process uses no stack: it waits for the gate by futex(2), but not for ever, and ends.
 */
        .globl  start_waiter
        .hidden start_waiter
        .type   start_waiter, %function
start_waiter:
        mov     x9, x0
        mov     x1, xzr
        clone   0xf00
        mov     x0, x9
        mov     x1, xzr
        mov     x2, xzr
        adr     x3, longest_wait
        mov     x8, #98
        svc     #0
        mov     x0, xzr
        mov     x8, #93
        svc     #0
        brk     #1

        .balign 8
longest_wait:
        .quad   10, 0

/*
 * long start_borrower(void (*run)(void), void *stack): clone(2) with the memory of this process, which continues when
 * the new one has ended.
 */
        .balign 4
        .globl  start_borrower
        .hidden start_borrower
        .type   start_borrower, %function
start_borrower:
        mov     x9, x0
        clone   0x4100
        mov     x29, xzr
        mov     x30, xzr
        blr     x9
        brk     #1

        .section .note.GNU-stack, "", %progbits

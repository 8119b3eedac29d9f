/* Entry from the kernel, and the jump into the loader. ABI: System V AMD64 psABI 3.4.1, "Initial Stack". */
        .text
        .globl  _start
        .type   _start, @function
_start:
        xorl    %ebp, %ebp
        movq    %rsp, %rdi
        andq    $-16, %rsp
        call    launch
        hlt

/* void jump_to(unsigned long entry, const void *stack): %rdx is zero, because no function has to run at exit. */
        .globl  jump_to
        .hidden jump_to
        .type   jump_to, @function
jump_to:
        movq    %rsi, %rsp
        xorl    %edx, %edx
        xorl    %ebp, %ebp
        jmpq    *%rdi

/* clone(2) with these flags and the stack in %rsi. It returns in the parent. The code after it runs in the child. */
        .macro  clone flags
        movl    $\flags, %edi
        xorl    %edx, %edx
        xorl    %r10d, %r10d
        xorl    %r8d, %r8d
        movl    $56, %eax
        syscall
        testl   %eax, %eax
        jz      1f
        cltq
        ret
1:
        .endm

/*
 * long start_waiter(uint32_t *gate): clone(2) with the memory, files, folders and handlers of this process, and on the
 * same stack. So the new process uses no stack: it waits for the gate by futex(2), but not for ever, and ends.
 */
        .globl  start_waiter
        .hidden start_waiter
        .type   start_waiter, @function
start_waiter:
        movq    %rdi, %r9
        xorl    %esi, %esi
        clone   0xf00
        movq    %r9, %rdi
        leaq    longest_wait(%rip), %r10
        movl    $202, %eax
        syscall
        xorl    %edi, %edi
        movl    $60, %eax
        syscall
        hlt

/*
 * long start_borrower(void (*run)(void), void *stack): clone(2) with the memory of this process, which continues when
 * the new one has ended.
 */
        .globl  start_borrower
        .hidden start_borrower
        .type   start_borrower, @function
start_borrower:
        movq    %rdi, %r9
        clone   0x4100
        xorl    %ebp, %ebp
        call    *%r9
        hlt

        .section .rodata
        .balign 8
longest_wait:
        .quad   10, 0

        .section .note.GNU-stack, "", @progbits

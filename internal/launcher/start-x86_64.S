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

        .section .note.GNU-stack, "", @progbits

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

        .section .note.GNU-stack, "", %progbits

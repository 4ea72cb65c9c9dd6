/*
 * The guest of AcceleratorProbe: from real mode into long mode with paging, a million rounds of arithmetic through
 * memory, and if their result is right, the value 0x2a to QEMU's isa-debug-exit. Lies at 0xffffff00.
 *
 *   as --64 probe.S -o probe.o
 *   ld -m elf_x86_64 -Ttext=0xffffff00 -e 0xffffff00 --oformat binary -o probe.bin probe.o
 *   xxd -p probe.bin        # the class holds this as PROGRAM, without the zeros at the end
 */
.code16
base = 0xffff0000
start:
 cli
 lgdtl %cs:desc-base
 mov %cr0, %eax
 or $1, %al
 mov %eax, %cr0
 ljmpl $0x08, $prot
.code32
prot:
 mov $0x10, %ax
 mov %ax, %ds
 movl $0x2003, 0x1000
 movl $0x3003, 0x2000
 movl $0x4003, 0x2018
 movl $0x83, 0x3000
 movl $0xffe00083, 0x4ff8
 mov $0x1000, %eax
 mov %eax, %cr3
 mov %cr4, %eax
 or $0x20, %al
 mov %eax, %cr4
 mov $0xc0000080, %ecx
 rdmsr
 or $1, %ah
 wrmsr
 mov %cr0, %eax
 or $0x80000000, %eax
 mov %eax, %cr0
 ljmp $0x18, $long
.code64
long:
 xor %eax, %eax
 mov $1000000, %ecx
1: add %ecx, %eax
 mov %eax, 0x5000
 loop 1b
 cmp $0x6a5a2920, %eax
 jne 2f
 mov $0x2a, %al
 mov $0xf4, %dx
 out %al, %dx
2: hlt
 jmp 2b
.balign 8
gdt: .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff
desc: .word 31
 .long gdt
end:
.org 0xf0

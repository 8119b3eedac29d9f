#pragma once

/*
 * Creates as many processes as Node and the program need threads and processes beside the main thread
 * (PROCESSES_NEEDED), and ends them again. Ends this process with a line if that fails. There is no other way to find
 * out: limits count all processes of a user, a container or a Pod, and most of these are not visible here. Without this
 * check, Node's start would hang or end by a signal.
 */
void check_processes(void);
